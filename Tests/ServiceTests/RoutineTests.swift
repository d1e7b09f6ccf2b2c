import Arrays
import BenchAPI
import BenchClient
import Calibration
import Catalogues
import Devices
import Files
import Foundation
import JobKinds
import Jobs
import MeasurementFiles
import Measuring
import Testing

/// Finds what a frame of the fake bench is for a phase sum of one, in two steps: one pattern, and then a brighter one.
private struct BrightnessRoutine: CalibrationRoutine {
  static let declaration = Declaration("brightness", "the answer to one radian")
  static let needs: [ProductKind] = []
  static let gives = ProductKind.camera

  init(seed: UInt64) {}

  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    guard measured.count < 2 else { return nil }
    let geometry = bench.description.geometry
    return FramePlan(
      patterns: [
        Stack(count: geometry.layers, height: geometry.grid, width: geometry.grid, repeating: Float(measured.count + 1))
      ], input: Stack(count: 1, height: 3, width: 3, repeating: 0.5), heldOut: 0, repeats: 0)
  }

  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) -> Double {
    measured[1].frames.values[0] - measured[0].frames.values[0]
  }

  func content(of step: Double) -> ProductContent { .camera(CameraModel(darkLevel: 0, readNoise: 0, gain: step)) }

  func report(on step: Double) -> RoutineReport {
    RoutineReport(
      estimates: [Estimate(name: "step", unit: "", value: step, standardDeviation: 0)], frames: 2, fitted: 2)
  }
}

/// Builds on what the other one found.
private struct FollowingRoutine: CalibrationRoutine {
  static let declaration = Declaration("following", "twice the gain of the camera")
  static let needs: [ProductKind] = [.camera]
  static let gives = ProductKind.timing

  init(seed: UInt64) {}

  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? { nil }

  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) -> Double {
    2 * (bench.camera?.gain ?? .nan)
  }

  func content(of latency: Double) -> ProductContent { .timing(TimingModel(layerLatency: latency)) }

  func report(on latency: Double) -> RoutineReport {
    RoutineReport(
      estimates: [Estimate(name: "latency", unit: "s", value: latency, standardDeviation: 0)], frames: 0, fitted: 0)
  }
}

/// Says that the panel shows half of what it receives.
private struct HalfTurnRoutine: CalibrationRoutine {
  static let declaration = Declaration("half", "a response of half a turn")
  static let needs: [ProductKind] = []
  static let gives = ProductKind.response

  init(seed: UInt64) {}

  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? { nil }

  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) -> [Double] { [0, .pi] }

  func content(of curve: [Double]) -> ProductContent { .response(ResponseModel(curve: curve)) }

  func report(on curve: [Double]) -> RoutineReport { RoutineReport(estimates: [], frames: 0, fitted: 0) }
}

private let routines = RoutineCatalogue.standard.adding(BrightnessRoutine.self).adding(FollowingRoutine.self)

/// Routines that are added from outside: a type and a registration each.
@Suite("Added routines") struct RoutineTests {
  private func withRoutines(_ body: @escaping @Sendable (LiveDaemon) async throws -> Void) async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { configuration in
        configuration.catalogue = .offering(routines: routines)
      } _: { daemon in
        try await body(daemon)
      }
    }
  }

  private func calibrate(_ routines: [String], seed: UInt64 = 7, on daemon: LiveDaemon) async throws -> JobSummary {
    let job = try await daemon.client.submit(
      JobRequest(kind: "calibrate", encoding: CalibrateRequest(routines: routines, seed: seed)))
    _ = try await daemon.events(of: job.id)
    return try await daemon.client.job(job.id)
  }

  @Test("a routine of the test is run by name, and what it found is a calibration of its kind in force")
  func added() async throws {
    try await withRoutines { daemon in
      let job = try await calibrate(["brightness"], on: daemon)
      #expect(job.state == .succeeded, "\(job.message ?? "")")
      let result = try await daemon.client.result(of: job.id, as: CalibrateResult.self)
      // Two layers of 8 by 8 samples, half of the light.
      #expect(result.parameters.map(\.value) == [64] && result.routine == "brightness" && result.after == nil)
      let calibration = try #require(try await daemon.client.calibrations().first)
      #expect(calibration.kind == "camera" && calibration.inForce && calibration.cause == nil)
      #expect(calibration.routine == "brightness" && calibration.seed == 7 && calibration.parents == [])
    }
  }

  @Test("a routine that builds on others is refused without them, and stale when they are replaced")
  func needs() async throws {
    try await withRoutines { daemon in
      let early = try await calibrate(["following"], on: daemon)
      #expect(early.state == .failed && early.message?.contains("following builds on camera") == true)
      let job = try await calibrate(["brightness", "following"], on: daemon)
      #expect(job.state == .succeeded, "\(job.message ?? "")")
      let result = try await daemon.client.result(of: job.id, as: CalibrateResult.self)
      #expect(result.routine == "following" && result.parameters.map(\.value) == [128])
      #expect(result.earlier?.map(\.routine) == ["brightness"])
      let both = try await daemon.client.calibrations()
      #expect(both.map(\.kind) == ["timing", "camera"] && both.allSatisfy { $0.inForce && !$0.stale })
      #expect(try both[0].parents == [#require(both[1].contentHash)])
      // Another seed makes another product, whatever it finds.
      #expect(try await calibrate(["brightness"], seed: 8, on: daemon).state == .succeeded)
      let three = try await daemon.client.calibrations()
      #expect(three.map(\.kind) == ["camera", "timing", "camera"] && three.map(\.inForce) == [true, true, false])
      #expect(three.map(\.cause) == [nil, "calibration.stale.parent", nil])
    }
  }

  @Test("a calibration is stale when a device was exchanged, and in force again with the old one")
  func exchanged() async throws {
    try await withFolder { folder in
      func summaries(camera: String?, calibrating: Bool = false) async throws -> [CalibrationSummary] {
        let bench = FakeBench()
        bench.camera.change { $0.serial = camera }
        return try await LiveDaemon.run(in: folder, bench: bench) { configuration in
          configuration.catalogue = .offering(routines: routines)
        } _: { daemon in
          if calibrating { #expect(try await calibrate(["brightness"], on: daemon).state == .succeeded) }
          let devices = try await daemon.client.devices()
          #expect(devices.map(\.serial) == [nil, camera])
          return try await daemon.client.calibrations()
        }
      }
      #expect(try await summaries(camera: "A1", calibrating: true).map(\.serials) == [["camera": "A1"]])
      let other = try await summaries(camera: "B2")
      #expect(other.map(\.cause) == ["calibration.stale.device"] && other.map(\.inForce) == [false])
      // Of a camera that says nothing, nobody knows that it is another one.
      for camera in ["A1", nil] {
        let same = try await summaries(camera: camera)
        #expect(same.map(\.cause) == [nil] && same.map(\.inForce) == [true])
      }
    }
  }

  @Test("what is in force is how the next job's bench measures; of another device, nothing of it is")
  func used() async throws {
    try await withFolder { folder in
      func adopted(camera: String, _ names: [String]?) async throws -> BenchKnowledge? {
        var bench = FakeBench()
        bench.hasLayout = true
        bench.camera.change { $0.serial = camera }
        return try await LiveDaemon.run(in: folder, bench: bench) { configuration in
          configuration.catalogue = .offering(routines: routines)
        } _: { [unit = bench.unit] daemon in
          if let names { #expect(try await calibrate(names, on: daemon).state == .succeeded) }
          _ = try await daemon.client.frame()
          return unit.adopted
        }
      }
      var described = FakeBench()
      described.hasLayout = true
      let stated = try #require(try described.equipment().file.devices?.layout)
      #expect(try await adopted(camera: "A1", nil) == BenchKnowledge(stated))
      let found = try #require(try await adopted(camera: "A1", ["brightness", "following"]))
      #expect(found.timing.layerLatency == 128 && found.camera == stated.camera)
      // Also when the daemon was started anew.
      #expect(try await adopted(camera: "A1", nil) == found)
      #expect(try await adopted(camera: "B2", nil) == BenchKnowledge(stated))
      #expect(try await adopted(camera: "A1", nil) == found)
    }
  }

  @Test("the first request after a start measures by what is in force; where the layout is another one, by the file")
  func firstRequest() async throws {
    try await withFolder { folder in
      func measured(cameraX: Int = 0, calibrating: Bool = false) async throws -> (BenchKnowledge?, [String?]) {
        var bench = FakeBench()
        (bench.hasLayout, bench.cameraX) = (true, cameraX)
        return try await LiveDaemon.run(in: folder, bench: bench) { configuration in
          configuration.catalogue = .offering(routines: routines)
        } _: { [unit = bench.unit] daemon in
          if calibrating {
            #expect(try await calibrate(["brightness", "following"], on: daemon).state == .succeeded)
          }
          let flat = Stack<Float>(count: FakeBench.layers, height: FakeBench.grid, width: FakeBench.grid)
          try await daemon.client.put(array: "flat", npy: NPY.encode(NPYArray(flat)))
          _ = try await daemon.client.measure(MeasureRequest(layers: "flat"))
          return (unit.measuredBy, try await daemon.client.calibrations().map(\.cause))
        }
      }
      #expect(try await measured(calibrating: true).0?.timing.layerLatency == 128)
      let (again, causes) = try await measured()
      #expect(again?.timing.layerLatency == 128 && causes == [nil, nil])
      let (other, stale) = try await measured(cameraX: 3)
      #expect(other != nil && other?.timing.layerLatency != 128)
      #expect(stale == ["calibration.stale.device", "calibration.stale.device"])
    }
  }

  @Test("what a job recorded runs its routine again without the bench, with the same result")
  func replay() async throws {
    try await withRoutines { daemon in
      let job = try await calibrate(["brightness"], on: daemon)
      let folder = daemon.folder.appendingPathComponent("state/runs/\(job.id)").path
      var acquisition = Acquisition(on: RecordedUnit(try MeasuredFrames(reading: folder)))
      let file = try daemon.bench.equipment().file
      let bench = try CalibratedBench(StatedBench(description: file.twin, parameters: file.parameters))
      let outcome = try await BrightnessRoutine(seed: 7).run(on: bench, &acquisition)
      #expect(outcome.content == .camera(CameraModel(darkLevel: 0, readNoise: 0, gain: 64)))
      await #expect(throws: CalibrationError.notRecorded(frame: 2)) {
        try await BrightnessRoutine(seed: 7).run(on: bench, &acquisition)
      }
    }
  }

  @Test(
    "once a response is in force, layers are phases to be shown, unless they are commands; recordings and calibrations have commands"
  )
  func phases() async throws {
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { configuration in
        configuration.catalogue = .offering(routines: routines.adding(HalfTurnRoutine.self))
      } _: { daemon in
        let (client, pixels) = (daemon.client, Float(FakeBench.layers * FakeBench.grid * FakeBench.grid))
        let quarter = Stack<Float>(
          count: FakeBench.layers, height: FakeBench.grid, width: FakeBench.grid, repeating: .pi / 2)
        try await client.put(array: "quarter", npy: NPY.encode(NPYArray(quarter)))
        /// The mean of the layers that the bench was given.
        func shown(_ commands: Bool? = nil) async throws -> Float {
          let answer = try await client.measure(MeasureRequest(layers: "quarter", commands: commands))
          return try Stack<Float>(npy: NPY.decode(answer, source: "frames")).values[0] / pixels
        }
        #expect(try await abs(shown() - .pi / 2) < 1e-5)
        #expect(try await calibrate(["half"], on: daemon).state == .succeeded)
        let (asked, notCommands) = (try await shown(), try await shown(false))
        #expect(abs(asked - .pi) < 1e-5 && notCommands == asked)
        #expect(try await abs(shown(true) - .pi / 2) < 1e-5)
        let job = try await client.submit(
          JobRequest(kind: "measure", encoding: MeasureRequest(layers: "quarter")))
        _ = try await daemon.events(of: job.id)
        let recorded = try MeasuredFrames(reading: folder.appendingPathComponent("state/runs/\(job.id)").path)
        #expect(try #require(recorded.patterns.first).values.allSatisfy { abs($0 - .pi) < 1e-5 })
        let calibration = try await calibrate(["brightness"], on: daemon)
        let found = try await client.result(of: calibration.id, as: CalibrateResult.self)
        #expect(found.parameters.map(\.value) == [64])
      }
    }
  }

  @Test("an unknown routine is refused with the names that there are")
  func unknown() async throws {
    try await withRoutines { daemon in
      await #expect {
        try await calibrate(["brightnes"], on: daemon)
      } throws: {
        "\($0)".contains("there is no routine \"brightnes\" (did you mean brightness?)")
          && "\($0)".contains(
            "camera, timing, registration, alignment, response, twin, source, crosstalk, refinement, brightness, following"
          )
      }
    }
  }
}
