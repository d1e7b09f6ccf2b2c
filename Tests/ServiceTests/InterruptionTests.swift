import BenchAPI
import BenchClient
import BenchTestKit
import Foundation
import Testing

/// Jobs that are stopped before their end and go on.
@Suite struct InterruptionTests {
  @Test("a job that somebody pauses gives the bench to others, stays paused, and goes on when it is resumed")
  func pause() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { daemon async throws in
        let first = try await daemon.count(2, waits: true)
        await daemon.stage.pass("counted")
        _ = try await daemon.client.pause(first.id)
        let second = try await daemon.count(3)
        #expect(try await daemon.events(of: second.id).states.last == .succeeded)
        let paused = try await daemon.client.job(first.id)
        #expect(paused.state == .paused && paused.message?.contains("resume") == true)
        // What others do with the bench meanwhile is no concern of the job.
        daemon.bench.unit.announce(.running)
        #expect(try await daemon.client.job(first.id).state == .paused)
        daemon.stage.open("finish")
        _ = try await daemon.client.resume(first.id)
        #expect(
          try await daemon.events(of: first.id).states
            == [.queued, .running, .paused, .queued, .running, .succeeded])
      }
    }
  }

  @Test("whoever cancels a job that is about to be paused is not overruled")
  func cancelAfterPause() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { daemon async throws in
        let job = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        async let events = daemon.events(of: job.id)
        _ = try await daemon.client.pause(job.id)
        _ = try await daemon.client.cancel(job.id)
        #expect(try await events.states.last == .cancelled)
      }
    }
  }

  @Test("a job that waits can be paused, cancelled while it is paused, and not resumed after that")
  func pauseWaiting() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { daemon async throws in
        let running = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        let waiting = try await daemon.count(1)
        #expect(try await daemon.client.pause(waiting.id).state == .paused)
        #expect(try await daemon.client.cancel(waiting.id).state == .cancelled)
        let refusal = await #expect(throws: BenchClientError.self) { try await daemon.client.resume(waiting.id) }
        #expect("\(try #require(refusal))".contains("not paused"))
        daemon.stage.open("finish")
        #expect(try await daemon.events(of: running.id).states.last == .succeeded)
      }
    }
  }

  @Test(
    "a folder with a number that odu never gave does not end the daemon, and no job counts from it",
    arguments: [
      ("9223372036854775806-x", "0001-count"), ("9223372036854775807-count", "0001-count"), ("-5-x", "0001-count"),
      ("18446744073709551616-x", "0001-count"), ("0041-count", "0042-count"),
    ])
  func strangeFolders(name: String, next: String) async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("state/runs/\(name)"), withIntermediateDirectories: true)
      try await LiveDaemon.run(in: folder) { daemon in
        let job = try await daemon.count(0)
        #expect(job.id == next)
        #expect(try await daemon.events(of: job.id).states.last == .succeeded)
      }
    }
  }

  @Test("when a folder has the highest number, jobs are refused with what to do")
  func numbersUsedUp() async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("state/runs/999999999999-x"), withIntermediateDirectories: true)
      try await LiveDaemon.run(in: folder) { daemon async throws in
        let error = await #expect(throws: BenchClientError.self) { try await daemon.count(0) }
        #expect("\(try #require(error))".contains("move it away"))
        #expect(try await daemon.client.jobs().isEmpty)
      }
    }
  }

  @Test("a paused job stays paused with the next daemon; a running and a waiting one go on with it, in their order")
  func shutdown() async throws {
    let stage = Stage()
    try await withFolder { folder in
      let ids = try await LiveDaemon.run(in: folder, stage: stage, configure: { $0.jobsOutliveService = true }) {
        daemon async throws in
        let running = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        let waiting = try await daemon.count(2)
        let held = try await daemon.count(3)
        _ = try await daemon.client.pause(held.id)
        return [running.id, waiting.id, held.id]
      }
      // The first job goes on waiting at a gate of the first daemon's stage.
      stage.open("finish")
      try await LiveDaemon.run(in: folder, configure: { $0.jobsOutliveService = true }) { daemon async throws in
        let first = try await daemon.events(of: ids[0]).states
        #expect(first == [.queued, .running, .queued, .running, .succeeded])
        #expect(try await daemon.events(of: ids[1]).states == [.queued, .running, .succeeded])
        #expect(try await daemon.client.job(ids[2]).state == .paused)
        let ended = try await daemon.client.jobs().prefix(2).compactMap(\.ended)
        #expect(ended == ended.sorted() && ended.count == 2)
      }
    }
  }
}
