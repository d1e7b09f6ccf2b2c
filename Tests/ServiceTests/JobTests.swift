import Arrays
import BenchAPI
import BenchClient
import BenchTestKit
import Files
import Foundation
import ServiceCore
import Testing

/// Jobs through the client over a live socket.
@Suite struct JobTests {
  @Test("a job goes queued, running, succeeded; its events, result and artefact are all there afterwards")
  func lifeCycle() async throws {
    try await withDaemon { daemon in
      let job = try await daemon.count(4)
      #expect(job.state == .queued || job.state == .running)
      let events = try await daemon.events(of: job.id)
      #expect(events.states == [.queued, .running, .succeeded])
      #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
      #expect(events.contains { $0.content == .log("counting") })
      #expect(events.curve("square") == [0, 1, 4, 9])
      let result = try await daemon.client.result(of: job.id, as: CountJob.Result.self)
      #expect(result == CountJob.Result(sum: 6))
      let artefact = try await daemon.client.artefact("count.npy", of: job.id)
      #expect(try Stack<Float>(npy: NPY.decode(artefact, source: "")).values == [4, 0.5])
      let summary = try await daemon.client.job(job.id)
      #expect(summary.state == .succeeded && summary.artefacts == ["count.npy"])
      // Who comes late gets the same events from the start, but for progress that was overtaken.
      #expect(try await daemon.events(of: job.id) == events.lasting)
    }
  }

  @Test("rate and time left come from the injected clock")
  func progress() async throws {
    try await withDaemon { daemon in
      let job = try await daemon.count(4, waits: true)
      await daemon.stage.pass("counted")
      let progress = try #require(try await daemon.client.job(job.id).progress)
      // Half a second for each step.
      #expect(progress == JobProgress(phase: "count", completed: 4, total: 4, rate: 2, timeLeft: 0))
      daemon.stage.open("finish")
      let events = try await daemon.events(of: job.id)
      #expect(events.last?.time == 2)
    }
  }

  @Test("a job is paused while its bench waits for a device, says for which, and goes on with the bench")
  func pause() async throws {
    try await withDaemon { daemon in
      let job = try await daemon.count(3, waits: true)
      await daemon.stage.pass("counted")
      daemon.bench.unit.announce(.paused("camera: gone"))
      daemon.bench.unit.announce(.paused("camera: gone"))
      let paused = try await daemon.client.job(job.id)
      #expect(paused.state == .paused && paused.message == "camera: gone")
      let started = try #require(paused.started)
      daemon.bench.unit.announce(.running)
      let resumed = try await daemon.client.job(job.id)
      #expect(resumed.state == .running && resumed.message == nil && resumed.started == started)
      daemon.stage.open("finish")
      #expect(try await daemon.events(of: job.id).states == [.queued, .running, .paused, .running, .succeeded])
      // The end of a job is final.
      daemon.bench.unit.announce(.paused("camera: gone"))
      #expect(try await daemon.client.job(job.id).state == .succeeded)
    }
  }

  @Test("cancelling ends the running job, takes a waiting one out of the queue, and leaves the bench safe")
  func cancel() async throws {
    try await withDaemon { daemon in
      let running = try await daemon.count(3, waits: true)
      await daemon.stage.pass("counted")
      let waiting = try await daemon.count(3)
      #expect(try await daemon.client.cancel(waiting.id).state == .cancelled)
      _ = try await daemon.client.cancel(running.id)
      #expect(try await daemon.events(of: running.id).states == [.queued, .running, .cancelled])
      #expect(try await daemon.events(of: waiting.id).states == [.queued, .cancelled])
      #expect(daemon.bench.unit.stops == 1)
      let refusal = await #expect(throws: BenchClientError.self) { try await daemon.client.result(of: running.id) }
      #expect(refusal?.code == "conflict" && refusal?.cause == .jobNoResult)
    }
  }

  @Test("a job that fails says why, and the next one runs")
  func failure() async throws {
    try await withDaemon { daemon in
      let failing = try await daemon.client.submit(JobRequest(kind: "fail"))
      #expect(try await daemon.events(of: failing.id).states == [.queued, .running, .failed])
      #expect(try await daemon.client.job(failing.id).message == "the lamp is broken; replace it")
      #expect(try await daemon.client.job(failing.id).cause == Cause.jobFailed.rawValue)
      let next = try await daemon.count(1)
      #expect(try await daemon.events(of: next.id).states.last == .succeeded)
      let refusal = await #expect(throws: BenchClientError.self) { try await daemon.client.cancel(next.id) }
      #expect(refusal?.code == "conflict" && refusal?.cause == .jobEnded)
    }
  }

  @Test("while a job has the bench, nobody else gets it, and status says who has it")
  func lease() async throws {
    try await withDaemon { daemon in
      let job = try await daemon.count(1, waits: true)
      await daemon.stage.pass("counted")
      let refusal = await #expect(throws: BenchClientError.self) { try await daemon.client.frame() }
      #expect(refusal?.code == "conflict" && refusal?.cause == .benchInUse)
      let status = try await daemon.client.status()
      #expect(status.benchHolder == "job \(job.id)" && status.running?.id == job.id)
      daemon.stage.open("finish")
      _ = try await daemon.events(of: job.id)
      #expect(try await daemon.client.status().benchHolder == nil)
      #expect(try await daemon.client.frame().count > 0)
    }
  }

  @Test("the queue is bounded, and a refused job leaves nothing behind")
  func queueBound() async throws {
    var limits = ServiceLimits()
    limits.queuedJobs = 2
    try await withDaemon(limits: limits) { daemon in
      _ = try await daemon.count(1, waits: true)
      await daemon.stage.pass("counted")
      for _ in 0..<2 { _ = try await daemon.count(1) }
      let refusal = await #expect(throws: BenchClientError.self) { try await daemon.count(1) }
      #expect(refusal?.code == "full" && refusal?.cause == .jobQueueFull)
      #expect(try await daemon.client.jobs().count == 3)
      #expect(try await daemon.client.status().queued == 2)
      daemon.stage.open("finish")
    }
  }

  @Test("a reader that falls behind gets a bounded log: whole curves at a lower resolution, and every change of state")
  func slowReader() async throws {
    var limits = ServiceLimits()
    limits.events = 100
    try await withDaemon(limits: limits) { daemon in
      let job = try await daemon.count(10_000, waits: true)
      // This reader takes nothing until the job has reported everything.
      var reader = daemon.client.events(of: job.id).makeAsyncIterator()
      await daemon.stage.pass("counted")
      daemon.stage.open("finish")
      var events: [JobEvent] = []
      while let event = try await reader.next() { events.append(event) }
      #expect(events.states == [.queued, .running, .succeeded])
      #expect(events.count <= 100)
      let curve = events.curve("square")
      #expect(curve.count > 25 && curve.first == 0 && curve.last.map { $0 > 0.9e8 } == true)
    }
  }

  @Test("events can be resumed after a sequence number")
  func resume() async throws {
    try await withDaemon { daemon in
      let job = try await daemon.count(5)
      let events = try await daemon.events(of: job.id)
      var rest: [JobEvent] = []
      for try await event in daemon.client.events(of: job.id, after: events[2].sequence) { rest.append(event) }
      #expect(rest == Array(events[3...]))
    }
  }

  @Test("an uploaded array comes back byte for byte, is listed, and can be deleted")
  func arrays() async throws {
    try await withDaemon { daemon in
      let npy = NPY.encode(NPYArray(Stack<Float>(count: 1, height: 2, width: 2, values: [1, -2, 3.5, 1e-30])))
      try await daemon.client.put(array: "a-1", npy: npy)
      #expect(try await daemon.client.array("a-1") == npy)
      #expect(try await daemon.client.arrays() == [ArrayStatus(name: "a-1", bytes: npy.count)])
      try await daemon.client.delete(array: "a-1")
      #expect(try await daemon.client.arrays().isEmpty)
    }
  }
}

func withDaemon(
  limits: ServiceLimits = ServiceLimits(), _ body: @escaping @Sendable (LiveDaemon) async throws -> Void
) async throws {
  try await withFolder { try await LiveDaemon.run(in: $0, limits: limits, body) }
}

extension [JobEvent] {
  var states: [JobState] { compactMap { if case .state(let state, _, _) = $0.content { state } else { nil } } }

  /// Without progress that later progress of the same phase took the place of: who follows a job may have seen it.
  var lasting: [JobEvent] {
    enumerated().filter { place, event in
      guard case .progress(let progress) = event.content else { return true }
      return !self[(place + 1)...].contains { later in
        if case .progress(let other) = later.content { other.phase == progress.phase } else { false }
      }
    }.map(\.element)
  }

  func curve(_ name: String) -> [Double] {
    compactMap { if case .metrics(_, _, let values) = $0.content { values[name] } else { nil } }
  }
}

extension BenchClientError {
  var code: String? { if case .refused(_, let code, _, _) = self { code } else { nil } }
}
