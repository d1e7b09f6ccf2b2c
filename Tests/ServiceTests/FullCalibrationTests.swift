import Arrays
import BenchAPI
import BenchClient
import BenchTestKit
import Calibration
import Catalogues
import Concurrency
import Foundation
import JobKinds
import Jobs
import Measuring
import Testing

/// A routine that knows what it finds.
private protocol Known: CalibrationRoutine where Plan == FramePlan, Fit == Double { init() }

extension Known {
  init(seed: UInt64) { self.init() }
  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? { nil }
  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) throws -> Double { 4 }
  func report(on value: Double) -> RoutineReport {
    RoutineReport(
      estimates: [Estimate(name: "\(Self.name)Value", unit: "s", value: value, standardDeviation: 0.25)], frames: 0,
      fitted: 0, meaning: "\(Self.name) is four")
  }
}

private struct Eye: Known {
  static let declaration = Declaration("eye", "the camera's gain")
  static let needs: [ProductKind] = []
  static let gives = ProductKind.camera
  func content(of gain: Double) -> ProductContent { .camera(CameraModel(darkLevel: 0, readNoise: 0, gain: gain)) }
}

private struct Pace: Known {
  static let declaration = Declaration("pace", "the panels' latency, by the camera")
  static let needs: [ProductKind] = [.camera]
  static let gives = ProductKind.timing
  func content(of latency: Double) -> ProductContent { .timing(TimingModel(layerLatency: latency)) }
}

/// Fails after the camera and before what needs it.
private struct Blind: Known {
  static let declaration = Declaration("blind", "where the camera lies, which it never sees")
  static let needs: [ProductKind] = []
  static let uses: [ProductKind] = [.camera]
  static let gives = ProductKind.registration
  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) throws -> Double {
    throw CalibrationError.noLight
  }
  func content(of value: Double) -> ProductContent { .timing(TimingModel()) }
}

private struct Beyond: Known {
  static let declaration = Declaration("beyond", "what needs the registration")
  static let needs: [ProductKind] = [.registration]
  static let gives = ProductKind.alignment
  func content(of value: Double) -> ProductContent { .alignment(ParameterValues([:])) }
}

/// Measures for ever.
private struct Endless: Known {
  static let declaration = Declaration("endless", "nothing, for ever")
  static let needs: [ProductKind] = [.camera]
  static let gives = ProductKind.source
  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    let geometry = bench.description.geometry
    return FramePlan(
      patterns: [Stack(count: geometry.layers, height: geometry.grid, width: geometry.grid)],
      input: Stack(count: 1, height: 3, width: 3, repeating: 0.5), heldOut: 0, repeats: 0)
  }
  func content(of value: Double) -> ProductContent { .alignment(ParameterValues([:])) }
}

/// Protects a calibration without names, by the API and by the command, on a bench of which everything is known.
@Suite("Full calibration") struct FullCalibrationTests {
  private func withRoutines(
    _ routines: [any CalibrationRoutine.Type], _ body: @escaping @Sendable (LiveDaemon) async throws -> Void
  ) async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { configuration in
        configuration.catalogue = .offering(routines: RoutineCatalogue.of(routines))
      } _: { daemon in
        try await body(daemon)
      }
    }
  }

  private func control(_ daemon: LiveDaemon, _ arguments: String...) async throws -> Programs.Outcome {
    let whole = arguments + ["--socket", daemon.socket]
    return try await computing { try Programs.run(Programs.path(of: "odu-ctl"), whole) }
  }

  private func calibrate(_ routine: String, seed: UInt64 = 1, on daemon: LiveDaemon) async throws {
    let job = try await daemon.client.submit(
      JobRequest(kind: "calibrate", encoding: CalibrateRequest(routines: [routine], seed: seed)))
    _ = try await daemon.events(of: job.id)
    #expect(try await daemon.client.job(job.id).state == .succeeded)
  }

  @Test("the plan follows what is in force, what was replaced, and what is asked for or left out")
  func plan() async throws {
    try await withRoutines([Beyond.self, Pace.self, Eye.self, Blind.self]) { daemon in
      let client = daemon.client
      let cold = try await client.calibrationPlan()
      #expect(cold.steps.map(\.routine) == ["eye", "pace", "blind", "beyond"])
      #expect(cold.steps.allSatisfy { $0.runs && $0.state == .missing && $0.calibration == nil } && cold.problem == nil)
      try await calibrate("eye", on: daemon)
      try await calibrate("pace", on: daemon)
      let warm = try await client.calibrationPlan(without: ["blind"])
      #expect(warm.steps.map(\.state) == [.inForce, .inForce, .leftOut, .lacks])
      #expect(warm.steps.map(\.calibration) == ["0001", "0002", nil, nil] && warm.steps[0].took != nil)
      #expect(warm.steps[3].reason == "it builds on registration, which cannot be found")
      let again = try await client.calibrationPlan(again: ["eye"], without: ["blind"])
      #expect(again.steps.map(\.state) == [.asked, .follows, .leftOut, .lacks])
      #expect(again.steps[1].reason == "it builds on camera, which is found again")
      // Another one takes the place of what `pace` builds on.
      try await calibrate("eye", seed: 2, on: daemon)
      let stale = try await client.calibrationPlan()
      #expect(stale.steps.map(\.state) == [.inForce, .stale, .missing, .missing])
      #expect(stale.steps[1].reason?.contains("builds on is no longer in force") == true)
      await #expect {
        try await client.calibrationPlan(without: ["pase"])
      } throws: {
        guard case BenchClientError.refused(_, _, let cause, let message) = $0 else { return false }
        return cause == "parameter.unknownName" && message.contains("did you mean pace?")
      }
    }
  }

  @Test("what fails stops what needs it and nothing else; called again, it continues with what is missing")
  func failure() async throws {
    try await withRoutines([Beyond.self, Blind.self, Pace.self, Eye.self]) { daemon in
      let first = try await control(daemon, "calibrate")
      #expect(first.status == 1, "\(first.output)")
      for row in ["eye +found in ", "pace +found in ", "blind +failed +no exposure", "beyond +not run +it builds on"] {
        #expect(try first.output.contains(Regex("(?m)^\(row)")), "\(row) is not in \(first.output)")
      }
      // What was found, how sure, and what it means.
      #expect(
        try first.output.contains(Regex("(?m)^eye +eyeValue +4 +± +0.25 +s$")) && first.output.contains("pace is four"))
      #expect(try await daemon.client.jobs().count == 3)
      let second = try await control(daemon, "calibrate")
      #expect(second.status == 1 && second.output.contains("in force for "), "\(second.output)")
      #expect(try await daemon.client.jobs().count == 4, "only what is missing is tried again")
    }
  }

  @Test(
    "when nothing is missing, nothing runs; --all runs everything once, --plan nothing, and JSON says what became of each"
  )
  func states() async throws {
    try await withRoutines([Pace.self, Eye.self]) { daemon in
      let shown = try await control(daemon, "calibrate", "--plan", "--json")
      let plan = try APICoding.decode(CalibrationPlanResponse.self, from: Data(shown.output.utf8))
      #expect(try await plan == daemon.client.calibrationPlan() && plan.steps.map(\.routine) == ["eye", "pace"])
      #expect(try await daemon.client.jobs().isEmpty)
      #expect(try await control(daemon, "calibrate").status == 0)
      let idle = try await control(daemon, "calibrate", "--json")
      #expect(idle.status == 0 && idle.output.contains("inForce"), "\(idle.output)")
      #expect(try await daemon.client.jobs().count == 2)
      #expect(try await control(daemon, "calibrate", "--all", "--seed", "2").status == 0)
      let all = try await daemon.client.calibrations()
      #expect(all.map(\.routine) == ["pace", "eye", "pace", "eye"] && all.map(\.seed) == [2, 2, 1, 1])
      #expect(all.map(\.inForce) == [true, true, false, false] && all.allSatisfy { !$0.inForce || !$0.stale })
    }
  }

  @Test("interrupted, it cancels the job that runs, keeps what was found, and says how to continue")
  func interruption() async throws {
    try await withRoutines([Endless.self, Eye.self]) { daemon in
      let words = try await computing {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: Programs.path(of: "odu-ctl"))
        process.arguments = ["calibrate", "--socket", daemon.socket]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, pipe)
        try process.run()
        var words = ""
        while !words.contains("endless: acquire") {
          let data = pipe.fileHandleForReading.availableData
          try #require(!data.isEmpty, "\(words)")
          words += String(decoding: data, as: UTF8.self)
        }
        kill(process.processIdentifier, SIGINT)
        words += String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        return words
      }
      #expect(words.contains("what was found is in force (eye); odu-ctl calibrate continues with the rest"), "\(words)")
      for job in try await daemon.client.jobs() { _ = try await daemon.events(of: job.id) }
      #expect(
        try await daemon.client.jobs().map(\.state).sorted { $0.rawValue < $1.rawValue } == [.cancelled, .succeeded])
      #expect(try await daemon.client.calibrationPlan().steps.map(\.state) == [.inForce, .missing])
    }
  }
}
