import BenchAPI
import BenchClient
import Files
import Foundation

/// One job on a daemon that runs, or on one started for it, with its files brought to a folder.
struct JobSession: Sendable {
  var bench: String?
  var socket: String?
  var threads: Int

  /// The job's result. Its files are in `output` afterwards, each written at once.
  func perform(_ request: JobRequest, output: String) async throws -> JSONValue {
    try await interruptible { [self] in
      if let socket {
        return try await perform(
          request, on: BenchClient(socket: socket), patience: BenchClient.restartPatience, output: output)
      }
      return try await PrivateDaemon.run(bench: bench ?? "simulated", threads: threads) { daemon in
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
