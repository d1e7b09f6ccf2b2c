import BenchAPI
import BenchClient
import BenchService
import BenchTestKit
import Concurrency
import Files
import Foundation
import Jobs
import ServiceCore
import Testing

/// What the next daemon makes of the records of an earlier one: the record of a job that ended is never a reason to act.
@Suite struct RecordTests {
  private let lasting: @Sendable (inout BenchServer.Configuration) -> Void = { $0.jobsOutliveService = true }

  private func path(_ folder: URL, _ id: String, _ name: String = "job.json") -> String {
    folder.appendingPathComponent("state/runs/\(id)/\(name)").path
  }

  /// A job that has succeeded, by a daemon that has ended.
  private func finishedJob(in folder: URL) async throws -> String {
    try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
      let job = try await daemon.count(2)
      _ = try await daemon.events(of: job.id)
      return job.id
    }
  }

  /// Replaces the record, and the copy before it, by what a daemon had written while the job ran.
  private func pretend(_ state: JobState, of id: String, in folder: URL, wish: String? = nil) throws {
    let file = StateFile(path: path(folder, id), schema: 1)
    var record = try #require(
      JSONSerialization.jsonObject(with: Data(file.load().bytes)) as? [String: Any])
    var summary = try #require(record["summary"] as? [String: Any])
    summary["state"] = state.rawValue
    for key in ["ended", "result"] { summary[key] = nil }
    record["summary"] = summary
    record["result"] = nil
    record["wish"] = wish
    try file.saveFinal([UInt8](JSONSerialization.data(withJSONObject: record, options: .sortedKeys)))
  }

  @Test("damage of either copy of an ended job's record costs nothing: state, result and files stay", arguments: 0..<3)
  func damagedCopy(which: Int) async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      let file = path(folder, id, ["job.json", "job.json.previous", "job.json"][which])
      let size = try AtomicFile.read(file).count
      if which == 2 { unlink(file) } else { try AtomicFile.write([UInt8](repeating: 0, count: size), to: file) }
      let before = try AtomicFile.read(path(folder, id, "count.npy"))
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        #expect(try await daemon.client.job(id).state == .succeeded)
        #expect(try await daemon.client.result(of: id) != .null)
        #expect(try await daemon.client.artefact("count.npy", of: id) == before)
      }
    }
  }

  @Test("a job whose end may be lost is failed with the reason, not done again, and its files are left")
  func lostEnd() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      try pretend(.running, of: id, in: folder)
      try AtomicFile.write([0], to: path(folder, id))
      try AtomicFile.write([7], to: path(folder, id, "count.npy"))
      for _ in 0..<2 {
        try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
          let other = try await daemon.count(1)
          _ = try await daemon.events(of: other.id)
          let job = try await daemon.client.job(id)
          #expect(job.state == .failed && job.message?.contains("not repeated") == true, "\(job)")
        }
        #expect(try AtomicFile.read(path(folder, id, "count.npy")) == [7])
      }
    }
  }

  @Test("a job without any readable record is listed as failed under its name, and its files are left")
  func unreadable() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      for name in ["job.json", "job.json.previous"] { try AtomicFile.write([0], to: path(folder, id, name)) }
      for suffix in ["", "-wal", "-shm"] { unlink(folder.appendingPathComponent("state/odu.sqlite\(suffix)").path) }
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        let job = try await daemon.client.job(id)
        #expect(job.state == .failed && job.message?.contains("cannot be read") == true, "\(job)")
      }
      #expect(AtomicFile.exists(path(folder, id, "count.npy")))
    }
  }

  @Test("what somebody asked of a job holds although its daemon was killed before the job had stopped")
  func wishes() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      for (wish, state) in [("cancel", JobState.cancelled), ("hold", .paused)] {
        try pretend(.running, of: id, in: folder, wish: wish)
        try AtomicFile.write([0], to: path(folder, id, "checkpoint.state"))
        try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
          let other = try await daemon.count(1)
          _ = try await daemon.events(of: other.id)
          #expect(try await daemon.client.job(id).state == state)
        }
        let record = String(decoding: try AtomicFile.read(path(folder, id)), as: UTF8.self)
        #expect(record.contains("\"state\":\"\(state)\""), "the disk says \(record)")
        #expect(AtomicFile.exists(path(folder, id, "checkpoint.state")) == (state == .paused))
      }
    }
  }

  @Test("what a job would go on from goes with its end, also when a daemon was killed between the two")
  func checkpoint() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      try pretend(.succeeded, of: id, in: folder)
      for name in ["checkpoint.state", "checkpoint.state.previous"] {
        try AtomicFile.write([0], to: path(folder, id, name))
      }
      try await LiveDaemon.run(in: folder, configure: lasting) { _ in }
      for name in ["checkpoint.state", "checkpoint.state.previous"] {
        #expect(!AtomicFile.exists(path(folder, id, name)), "\(name)")
      }
    }
  }

  @Test("an end that could not be written when it came is written later, and is then like any other")
  func lateEnd() async throws {
    try await withFolder { folder in
      let id = try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        let job = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        let record = path(folder, job.id)
        try AtomicFile.write([0], to: path(folder, job.id, "checkpoint.state"))
        // No record can take the place of a folder that has something in it.
        unlink(record)
        try AtomicFile.makeFolder(record + "/something")
        daemon.stage.open("finish")
        #expect(try await daemon.events(of: job.id).states.last == .succeeded)
        #expect(AtomicFile.exists(path(folder, job.id, "checkpoint.state")))
        try FileManager.default.removeItem(atPath: record)
        return job.id
      }
      let record = String(decoding: try AtomicFile.read(path(folder, id)), as: UTF8.self)
      #expect(record.contains("\"state\":\"succeeded\""), "the disk says \(record)")
      #expect(!AtomicFile.exists(path(folder, id, "checkpoint.state")))
    }
  }

  @Test("files that end the daemon while it reads them end five daemons and then their job")
  func deadlyFile() async throws {
    try await withFolder { folder in
      let stage = Stage()
      let configure: @Sendable (inout BenchServer.Configuration) -> Void = {
        $0.catalogue = JobCatalogue([ReadingJob.declared, CountJob.declared])
        $0.jobsOutliveService = true
      }
      var job: String?
      for death in 1...5 {
        let (id, record) = try await LiveDaemon.run(in: folder, stage: stage, configure: configure) { [job] daemon in
          let id =
            if let job { job } else {
              try await daemon.client.submit(JobRequest(kind: "read", encoding: ["stage": stage.name])).id
            }
          await stage.pass("reading")
          return (id, try AtomicFile.read(path(folder, id)))
        }
        job = id
        // As the daemon left it that ended in the middle.
        try AtomicFile.write(record, to: path(folder, id))
        #expect(String(decoding: record, as: UTF8.self).contains("\"preparations\":\(death)"))
        stage.close("reading")
        stage.close("read")
      }
      let id = try #require(job)
      try await LiveDaemon.run(in: folder, stage: stage, configure: configure) { daemon in
        let ended = try await daemon.client.job(id)
        #expect(ended.state == .failed && ended.message?.contains("while it read the files") == true, "\(ended)")
        // Others go on, and so does one whose files can be read at last.
        let next = try await daemon.client.submit(JobRequest(kind: "read", encoding: ["stage": stage.name]))
        stage.open("read")
        #expect(try await daemon.events(of: next.id).states.last == .succeeded)
        let record = String(decoding: try AtomicFile.read(path(folder, next.id)), as: UTF8.self)
        #expect(!record.contains("preparations"))
      }
    }
  }

  @Test("when cancel answers, the disk knows, although the job has not stopped yet")
  func cancelIsKept() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        let job = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        _ = try await daemon.client.cancel(job.id)
        let record = String(decoding: try AtomicFile.read(path(folder, job.id)), as: UTF8.self)
        #expect(record.contains("\"wish\":\"cancel\"") || record.contains("\"state\":\"cancelled\""))
        #expect(try await daemon.events(of: job.id).states.last == .cancelled)
      }
    }
  }

  @Test("pausing and cancelling at once never brings a job back, whoever comes first", arguments: 0..<8)
  func pauseAndCancel(round: Int) async throws {
    try await withFolder { folder in
      let id = try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        let job = try await daemon.count(1, waits: true)
        await daemon.stage.pass("counted")
        async let paused = daemon.client.pause(job.id)
        async let cancelled = daemon.client.cancel(job.id)
        _ = try await (try? paused, cancelled)
        #expect(try await daemon.events(of: job.id).states.last == .cancelled)
        return job.id
      }
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        #expect(try await daemon.client.job(id).state == .cancelled)
      }
    }
  }

  @Test("jobs beyond those that are listed answer with all they have, also for the next daemon")
  func oldJobs() async throws {
    try await withFolder { folder in
      var limits = ServiceLimits()
      limits.listedJobs = 2
      let first = try await LiveDaemon.run(in: folder, limits: limits, configure: lasting) { daemon async throws in
        var ids: [String] = []
        for steps in 1...5 {
          let job = try await daemon.count(steps)
          _ = try await daemon.events(of: job.id)
          ids.append(job.id)
        }
        #expect(try await daemon.client.jobs().count <= 3)
        try await expectWhole(ids[0], daemon)
        return ids[0]
      }
      try await LiveDaemon.run(in: folder, limits: limits, configure: lasting) { daemon async throws in
        try await expectWhole(first, daemon)
        #expect(try await daemon.client.jobs().count == 2)
      }
    }
  }

  @Test("the events and the result of a job are the same while they are in memory and when they are read from the disk")
  func abridgedJobs() async throws {
    try await withFolder { folder in
      var limits = ServiceLimits()
      limits.wholeJobs = 2
      let calls = Locked(0)
      func configure(_ configuration: inout BenchServer.Configuration) {
        lasting(&configuration)
        configuration.afterJob = { calls.withLock { $0 += 1 } }
      }
      try await LiveDaemon.run(in: folder, limits: limits, configure: configure) { daemon async throws in
        var known: [(id: String, events: [JobEvent], result: JSONValue, summary: JobSummary)] = []
        for steps in 1...6 {
          let id = try await daemon.count(steps).id
          let events = try await daemon.events(of: id).lasting
          known.append((id, events, try await daemon.client.result(of: id), try await daemon.client.job(id)))
        }
        for job in known {
          #expect(try await daemon.events(of: job.id) == job.events)
          #expect(try await daemon.client.result(of: job.id) == job.result)
          #expect(try await daemon.client.job(job.id) == job.summary)
        }
        let listed = try await daemon.client.jobs()
        #expect(listed.map(\.id) == known.map(\.id) && listed.allSatisfy { $0.state == .succeeded })
        try await daemon.client.delete(run: known[0].id)
        #expect(try await daemon.client.jobs().map(\.id) == known.dropFirst().map(\.id))
      }
      #expect(calls.withLock { $0 } == 6, "memory is given back after every job")
    }
  }

  private func expectWhole(_ id: String, _ daemon: LiveDaemon) async throws {
    #expect(try await daemon.client.job(id).state == .succeeded)
    #expect(try await daemon.client.result(of: id) != .null)
    #expect(try await daemon.events(of: id).states == [.queued, .running, .succeeded])
    #expect(try await !daemon.client.artefact("count.npy", of: id).isEmpty)
  }

  @Test("a run whose folder somebody else has removed can be removed, and is not listed any more")
  func goneFolder() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        try FileManager.default.removeItem(at: folder.appendingPathComponent("state/runs/\(id)"))
        try await daemon.client.delete(run: id)
        #expect(try await daemon.client.runs().isEmpty)
      }
    }
  }

  @Test("a number is not given again after its run was removed, nor after one too large to go on from")
  func numbers() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      try AtomicFile.makeFolder(folder.appendingPathComponent("state/runs/9223372036854775806-x").path)
      try await LiveDaemon.run(in: folder, configure: lasting) { try await $0.client.delete(run: id) }
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        #expect(try await daemon.count(1).id == "0002-count")
      }
    }
  }

  @Test("what a kill leaves of a removal and of a job that was never accepted is gone after the next start")
  func remnants() async throws {
    try await withFolder { folder in
      let id = try await finishedJob(in: folder)
      let runs = folder.appendingPathComponent("state/runs").path
      try AtomicFile.makeFolder("\(runs)/.0009-count.removed/inside")
      try AtomicFile.makeFolder("\(runs)/0010-count")
      try AtomicFile.makeFolder("\(runs)/.mine.removed")
      try AtomicFile.makeFolder("\(runs)/0011-count")
      try AtomicFile.write([1], to: "\(runs)/0011-count/mine")
      try await LiveDaemon.run(in: folder, configure: lasting) { daemon async throws in
        #expect(try await daemon.client.runs().map(\.job.id) == [id])
      }
      #expect(AtomicFile.names(in: runs).sorted() == [".mine.removed", id, "0011-count"])
    }
  }
}
