import ArgumentParser
import BenchAPI
import BenchClient
import BenchFile
import Concurrency
import DriverCatalogue
import Files
import Foundation
import JobKinds
import Jobs

/// One job with its files brought to a folder: in this process when it needs no bench, else on a daemon that is started for it; on
/// a running daemon when one is named.
struct JobSession: Sendable {
  var bench: String?
  var socket: String?
  var threads: Int
  /// The run directory of a job that runs in this process; the folder for its files when nil.
  var checkpoints: String?
  /// Whether a job that runs in this process resumes from its run directory.
  var resumes = true
  /// The exit status after an interruption.
  var interruptedStatus = Self.interrupted

  static let interrupted: Int32 = 130

  /// Refuses what no job takes, before anything is started for it.
  static func check(_ request: JobRequest) throws {
    do {
      _ = try JobCatalogue.standard.routine(for: request)
    } catch {
      throw ValidationError(StandardError.text(of: error))
    }
  }

  /// The job's result. Its files are in `output` afterwards, each written at once.
  func perform(_ request: JobRequest, output: String) async throws -> JSONValue {
    try await interruptible(status: interruptedStatus) { [self] in
      if let socket {
        return try await perform(
          request, on: BenchClient(socket: socket), patience: BenchClient.restartPatience, output: output)
      }
      let bench = bench ?? "simulated"
      if try !JobCatalogue.standard.routine(for: request).needsBench {
        return try await perform(request, here: bench, output: output)
      }
      return try await PrivateDaemon.run(bench: bench, threads: threads) { daemon in
        // A daemon that belongs to this command does not come back.
        try await perform(request, on: daemon.client, patience: .zero, output: output)
      }
    }
  }

  private func perform(
    _ request: JobRequest, on client: BenchClient, patience: Duration, output: String
  ) async throws -> JSONValue {
    let job = try await client.perform(request, patience: patience)
    return try await client.acrossRestarts(patience) {
      try await client.fetchArtefacts(of: job, into: output)
      return try await client.result(of: job.id)
    }
  }

  /// Runs the job in this process, with its progress on standard error.
  private func perform(_ request: JobRequest, here bench: String, output: String) async throws -> JSONValue {
    // Nobody opens its devices, which may be those of another machine.
    let file = try BenchFile.load(path: bench, drivers: .standard)
    let folder = checkpoints ?? output
    let run = try LocalRun(request, of: .standard, bench: file, folder: folder, threads: threads)
    let bar = Locked(ProgressBar())
    defer { bar.withLock { $0.finishPhase() } }
    do {
      let (job, result) = try await run.perform(resumes: resumes) { event in bar.withLock { $0.show(event) } }
      if folder != output { try copy(job.artefacts, from: folder, to: output) }
      return result
    } catch let error where !(error is CancellationError || error is LocalRunError) {
      throw JobFailure.failed(
        kind: request.kind, cause: (error as? any CausedError)?.cause.rawValue, message: StandardError.text(of: error))
    }
  }

  private func copy(_ names: [String], from folder: String, to output: String) throws {
    try AtomicFile.makeFolder(output)
    for name in names { try AtomicFile.write(AtomicFile.read(folder + "/" + name), to: output + "/" + name) }
  }
}

extension BenchClient {
  /// Writes the files that a job left into a folder, which is made when absent.
  func fetchArtefacts(of job: JobSummary, into folder: String) async throws {
    try AtomicFile.makeFolder(folder)
    for name in job.artefacts {
      try AtomicFile.write(await artefact(name, of: job.id), to: folder + "/" + name)
    }
  }
}
