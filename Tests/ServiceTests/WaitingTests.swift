import Arrays
import BenchAPI
import BenchClient
import BenchService
import BenchTestKit
import Catalogues
import Foundation
import JobKinds
import Jobs
import Testing

/// Jobs that wait for something else than their turn.
@Suite struct WaitingTests {
  @Test("a job whose file does not answer can be cancelled, keeps nobody from the bench, and stays cancelled")
  func hangingFile() async throws {
    try await withFolder { folder in
      let stage = Stage()
      let id = try await LiveDaemon.run(in: folder, stage: stage, configure: Self.outlive) { daemon in
        let hanging = try await daemon.client.submit(JobRequest(kind: "hang", encoding: ["stage": stage.name]))
        await stage.pass("reading")
        // Nobody has the bench meanwhile.
        #expect(try await daemon.client.status().benchHolder == nil)
        let next = try await daemon.count(1)
        _ = try await daemon.client.cancel(hanging.id)
        #expect(try await daemon.events(of: hanging.id).states.last == .cancelled)
        #expect(try await daemon.events(of: next.id).states.last == .succeeded)
        return hanging.id
      }
      try await LiveDaemon.run(in: folder, stage: stage, configure: Self.outlive) { daemon in
        let job = try await daemon.client.job(id)
        #expect(job.state == .cancelled)
      }
      HangingJob.release(stage)
    }
  }

  @Test("a daemon ends although a file does not answer, and the job goes on with the next one")
  func hangingShutdown() async throws {
    try await withFolder { folder in
      let stage = Stage()
      let id = try await LiveDaemon.run(in: folder, stage: stage, configure: Self.outlive) { daemon in
        let hanging = try await daemon.client.submit(JobRequest(kind: "hang", encoding: ["stage": stage.name]))
        await stage.pass("reading")
        return hanging.id
      }
      HangingJob.release(stage)
      try await LiveDaemon.run(in: folder, stage: stage, configure: Self.outlive) { daemon in
        let states = try await daemon.events(of: id).states
        #expect(states.last == .succeeded)
      }
    }
  }

  @Test("a job that waits for a lease says so and does not run")
  func lease() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { daemon in
        let lease = try await daemon.client.lease(seconds: 60)
        let job = try await daemon.count(1)
        var waiting = try await daemon.client.job(job.id)
        while waiting.message == nil { waiting = try await daemon.client.job(job.id) }
        #expect(waiting.state == .queued && waiting.message?.contains("a lease of") == true && waiting.started == nil)
        lease.release()
        #expect(try await daemon.events(of: job.id).states.suffix(2) == [.running, .succeeded])
      }
    }
  }

  @Test("what is no regular file is refused by what it is, before the bench is taken", arguments: ["pipe", "folder"])
  func irregularFiles(kind: String) async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("x").path
      if kind == "pipe" { mkfifo(path, 0o600) } else { mkdir(path, 0o700) }
      try await LiveDaemon.run(in: folder, configure: { $0.catalogue = .standard }) { daemon in
        let job = try await daemon.client.submit(
          JobRequest(kind: "compare", parameters: .object(["dataset": .string("npy:\(path)")])))
        #expect(try await daemon.events(of: job.id).states.last == .failed)
        let message = try await daemon.client.job(job.id).message ?? ""
        #expect(message.contains("a \(kind)") && message.contains(path))
      }
    }
  }

  private static func outlive(_ configuration: inout BenchServer.Configuration) {
    configuration.catalogue = JobCatalogue([CountJob.declared, HangingJob.declared])
    configuration.jobsOutliveService = true
  }
}

/// Reads a file that answers only when it is told to.
private struct HangingJob: JobRoutine {
  struct Parameters: Codable, Sendable { var stage: String }

  static let kind = "hang"
  static let declared = JobKind(
    Declaration(kind, "Hangs", parameters: [Parameter("stage", .text, "whose file it is", isRequired: true)]),
    HangingJob.init)
  private let stage: String

  init(_ parameters: Parameters) { stage = parameters.stage }

  func prepared(_ preparation: JobPreparation) async throws -> HangingJob {
    let stage = Stage.named(stage)
    try await FileReading.run {
      stage?.open("reading")
      stage?.hang.wait()
      stage?.hang.signal()
    }
    return self
  }

  func run(in context: any JobHost) async throws -> Int { 1 }

  static func release(_ stage: Stage) { stage.hang.signal() }
}
