import BenchAPI
import BenchFile
import BenchService
import BenchTestKit
import Catalogues
import Files
import Foundation
import Jobs
import Lending
import Testing

/// Jobs in this process: what a cluster's task or a training on the twin is.
@Suite struct LocalRunTests {
  private static let bench = """
    geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 8, layers: 2, spacing: 0.02, padding: 1}
    input: {size: 3, block: 2, encoding: amplitude}
    detector: {block: 1}
    """

  private func run(
    _ stage: Stage, in folder: URL, steps: Int = 3, bench: String = Self.bench
  ) throws -> LocalRun {
    let request = try JobRequest(kind: "climb", encoding: ClimbJob.Parameters(stage: stage.name, steps: steps))
    return try LocalRun(
      request, of: JobCatalogue([ClimbJob.declared, CountJob.declared]), bench: BenchFile(yaml: bench, path: "b.yaml"),
      folder: folder.path, threads: 1, clock: stage.clock)
  }

  private func record(in folder: URL) throws -> JobHead {
    try JobHead(record: StateFile(path: folder.appendingPathComponent("job.json").path, schema: 1).load().bytes)
  }

  /// Has a run wait at its second step, and interrupts it there.
  private func interrupt(_ stage: Stage, in folder: URL) async throws {
    let run = try run(stage, in: folder)
    let task = Task { try await run.perform { _ in } }
    await stage.pass("second step")
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test(
    "a job that is interrupted resumes from its checkpoint in the same folder, and leaves what it leaves undisturbed")
  func resumes() async throws {
    try await withFolder { folder in
      let stage = Stage()
      try await interrupt(stage, in: folder)
      #expect(try record(in: folder).summary.state == .queued)
      stage.open("climb")
      let (job, result) = try await run(stage, in: folder).perform { _ in }
      #expect(job.state == .succeeded && job.artefacts == ["top.txt"])
      let climbed: ClimbJob.Result = try result.decoded()
      #expect(climbed == ClimbJob.Result(from: 1, to: 3))
      #expect(try record(in: folder).summary.state == .succeeded)
      #expect(!AtomicFile.exists(folder.appendingPathComponent("climb.state").path))
      #expect(try String(contentsOf: folder.appendingPathComponent("top.txt"), encoding: .utf8) == "3")
      #expect(try String(contentsOf: folder.appendingPathComponent("bench.yaml"), encoding: .utf8) == Self.bench)
    }
  }

  @Test("it starts over when told to, and when it has ended")
  func startsOver() async throws {
    try await withFolder { folder in
      let stage = Stage()
      try await interrupt(stage, in: folder)
      stage.open("climb")
      for _ in 0..<2 {
        let result = try await run(stage, in: folder).perform(resumes: false) { _ in }.result
        #expect(try result.decoded() as ClimbJob.Result == ClimbJob.Result(from: 0, to: 3))
      }
    }
  }

  @Test("a folder with an unfinished job takes no other job, and not the same with another bench file")
  func occupied() async throws {
    try await withFolder { folder in
      let stage = Stage()
      try await interrupt(stage, in: folder)
      stage.open("climb")
      for other in [try run(stage, in: folder, steps: 5), try run(stage, in: folder, bench: Self.bench + "\n# other")] {
        await #expect(throws: LocalRunError.occupied(folder: folder.path)) { try await other.perform { _ in } }
      }
      let result = try await run(stage, in: folder).perform { _ in }.result
      #expect(try result.decoded() as ClimbJob.Result == ClimbJob.Result(from: 1, to: 3))
    }
  }

  @Test("a folder in which a job runs takes no second one at the same time")
  func busy() async throws {
    try await withFolder { folder in
      let stage = Stage()
      let first = try run(stage, in: folder)
      let task = Task { try await first.perform { _ in } }
      await stage.pass("second step")
      let second = try run(stage, in: folder)
      await #expect(throws: LocalRunError.busy(folder: folder.path)) { try await second.perform { _ in } }
      stage.open("climb")
      #expect(try await task.value.job.state == .succeeded)
    }
  }

  @Test("what a job reports is shown in order and to its end, and kept in the folder")
  func events() async throws {
    try await withFolder { folder in
      let stage = Stage()
      stage.open("climb")
      let (events, show) = AsyncStream.makeStream(of: JobEvent.self)
      _ = try await run(stage, in: folder).perform { show.yield($0) }
      show.finish()
      var shown: [JobEvent] = []
      for await event in events { shown.append(event) }
      #expect(shown.map(\.sequence) == shown.map(\.sequence).sorted())
      #expect(shown.contains { $0.content == .log("climbs from 0") })
      #expect(shown.last?.content == .state(.succeeded, message: nil))
    }
  }

  @Test("a job that needs a bench is refused here, with the reason")
  func needsBench() throws {
    #expect(throws: LocalRunError.needsBench(kind: "count")) {
      try LocalRun(
        JobRequest(kind: "count", encoding: CountJob.Parameters(stage: "", steps: 1)),
        of: JobCatalogue([CountJob.declared]), bench: BenchFile(yaml: Self.bench, path: "b.yaml"), folder: "/nowhere",
        threads: 1)
    }
  }

  @Test("in a daemon whose bench file has no devices, a job that needs a bench fails at once, and another one runs")
  func undescribed() async throws {
    try await withFolder { folder in
      let configure: @Sendable (inout BenchServer.Configuration) -> Void = {
        $0.catalogue = JobCatalogue([CountJob.declared, ClimbJob.declared])
      }
      let source: (BenchEquipment) -> BenchSource = { equipment in
        BenchSource(load: { equipment.file }, open: { throw BenchFileError.noDevices(path: $0.path) })
      }
      try await LiveDaemon.run(in: folder, configure: configure, source: source) { daemon async throws in
        let count = try await daemon.count(3)
        _ = try await daemon.events(of: count.id)
        let failed = try await daemon.client.job(count.id)
        #expect(failed.state == .failed && failed.message == "\(BenchFileError.noDevices(path: "fake.yaml"))")
        daemon.stage.open("climb")
        let climb = try await daemon.client.submit(
          JobRequest(kind: "climb", encoding: ClimbJob.Parameters(stage: daemon.stage.name, steps: 3)))
        _ = try await daemon.events(of: climb.id)
        let result = try await daemon.client.result(of: climb.id, as: ClimbJob.Result.self)
        #expect(result == ClimbJob.Result(from: 0, to: 3))
      }
    }
  }
}

/// Climbs steps without a bench, with a checkpoint after each. It waits at the gate "climb" after the first.
private struct ClimbJob: JobRoutine {
  struct Parameters: Codable, Sendable {
    var stage: String
    var steps: Int
  }

  struct Result: Codable, Sendable, Equatable {
    var from: Int
    var to: Int
  }

  static let kind = "climb"
  static let declared = JobKind(
    Declaration(
      kind, "Climbs",
      parameters: [
        Parameter("stage", .text, "whose clock moves", isRequired: true),
        Parameter("steps", .integer(0...255), "how high", isRequired: true),
      ]), ClimbJob.init)
  static let checkpointFile: String? = "climb.state"
  let needsBench = false
  private let parameters: Parameters

  init(_ parameters: Parameters) { self.parameters = parameters }

  func run(in host: any JobHost) async throws -> Result {
    let stage = Stage.named(parameters.stage)
    let file = StateFile(path: host.directory.appendingPathComponent("climb.state").path, schema: 1)
    let start = (try? file.load()).map { Int($0.bytes[0]) } ?? 0
    host.log("climbs from \(start)")
    host.progress("climb", start, of: parameters.steps)
    for step in start..<parameters.steps {
      if step == 1 {
        stage?.open("second step")
        await stage?.pass("climb")
      }
      try host.checkCancellation()
      try file.save([UInt8(step + 1)])
      host.progress("climb", step + 1, of: parameters.steps)
    }
    try host.write(Array("\(parameters.steps)".utf8), as: "top.txt")
    return Result(from: start, to: parameters.steps)
  }
}
