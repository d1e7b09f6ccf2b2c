import BenchFile
import BenchTestKit
import Calibration
import Concurrency
import Devices
import DriverCatalogue
import Foundation
import MeasurementFiles
import Measuring
import Simulated
import Testing
import Twin

/// The camera as the routine finds it against what the simulated one hides.
@Suite("Camera routine") struct CameraRoutineTests {
  /// What is hidden.
  private struct Truth {
    var seed: UInt64 = 1
    var fullWell = 20e3
    var read = 7.0
    var offset = 0.02
    var fullScaleIntensity = 1.5
    var pixels = "{hot: 7, hotLevel: 0.1, dead: 6, darkSpread: 0.0005, responseSpread: 0.01}"
  }

  private static func file(_ truth: Truth) throws -> BenchFile {
    try BenchFile(
      yaml: """
        geometry: {kind: planes, wavelength: 850e-9, pitch: 16e-6, grid: 96, layers: 1, spacing: 2e-3, padding: 1}
        input: {size: 24, block: 4, encoding: amplitude}
        detector: {block: 4, region: {x: 0, y: 0, width: 96, height: 96}}
        devices:
          layerModulator: {driver: simulated}
          inputModulator: {driver: simulated}
          camera: {driver: simulated}
        layout:
          layers: {origins: [{x: 0, y: 0}], scale: 1}
          input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
          camera: {x: 0, y: 0, width: 96, height: 96}
          timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6}
        simulated:
          seed: \(truth.seed)
          sampling: 1
          misalignment: {exact: {distance: 2e-3, mirrorX: 0, mirrorY: 0, beamX: 0, beamY: 0}}
          noise: {laser: 0.01, shot: true, fullWell: \(truth.fullWell), read: \(truth.read)}
          pixels: \(truth.pixels)
          imaging: {offset: \(truth.offset)}
          layerPanel: {width: 96, height: 96}
          inputPanel: {width: 24, height: 24, refreshRate: 2000, latency: 20e-6, settle: 50e-6}
          camera: {width: 96, height: 96, bits: 12, frameRate: 500, exposure: 1e-3,
            fullScaleIntensity: \(truth.fullScaleIntensity)}
        """, path: "camera.yaml", drivers: .standard)
  }

  private typealias Table = RawTable<CameraRoutine>

  private func isNear(_ found: Double, _ truth: Double, _ part: Double = 0.02) -> Bool {
    abs(found - truth) <= part * abs(truth)
  }

  @Test(
    "gain, read noise and dark level are within 2 %, every hot pixel is found and none invented, whatever the plant hides",
    arguments: [
      Truth(seed: 1), Truth(seed: 2, fullWell: 10e3, read: 12, offset: 0.05), Truth(seed: 3, fullWell: 12e3, read: 4.5),
    ] as [Truth])
  private func truth(_ truth: Truth) async throws {
    let table = try await Table(Self.file(truth))
    let (model, report) = try await table.model()
    #expect(isNear(model.gain, 1 / truth.fullWell), "\(model.gain * truth.fullWell)")
    #expect(isNear(model.readNoise, truth.read / truth.fullWell), "\(model.readNoise * truth.fullWell / truth.read)")
    #expect(isNear(model.darkLevel, truth.offset), "\(model.darkLevel / truth.offset)")
    #expect(model.hotPixels == table.defects.hot && model.hotPixels.count == 7)
    #expect(model.step == 1.0 / 4095)
    func value(_ name: String) -> Double? { report.estimates.first { $0.name == name }?.value }
    #expect(isNear(try #require(value("darkNonUniformity")), 0.0005, 0.1))
    // Whole microseconds.
    #expect(value("exposureStep").map { abs($0 - 1e-6) < 1e-9 } == true)
    // The laser's own fluctuation of 1 % limits it, averaged over the frames of an exposure.
    #expect(try #require(value("linearityError")) < 0.01)
    // The settings of before are in force again, and the unit measures.
    #expect(await table.assembled.camera.settings.exposure == 1e-3)
    _ = try await table.assembled.bench.measure(
      layers: .init(count: 1, height: 96, width: 96), inputs: .init(count: 1, height: 24, width: 24, repeating: 1),
      block: 4)
  }

  @Test("dead pixels are found where there is light to tell, and none is invented")
  func dead() async throws {
    let table = try await Table(Self.file(Truth(seed: 4, pixels: "{dead: 12, responseSpread: 0.01}")))
    let (model, report) = try await table.model()
    let truth = table.defects.dead
    #expect(Set(model.deadPixels.map(Place.init)).isSubset(of: truth.map(Place.init)))
    let inside = truth.filter { (8..<88).contains($0.x) && (8..<88).contains($0.y) }
    #expect(!inside.isEmpty && Set(inside.map(Place.init)).isSubset(of: model.deadPixels.map(Place.init)))
    #expect(model.hotPixels.isEmpty)
    #expect(report.weaknesses.contains { $0.contains("PRNU") })
  }

  private struct Place: Hashable {
    var x: Int
    var y: Int
    init(_ point: PanelPoint) { (x, y) = (point.x, point.y) }
  }

  @Test("saturation and full well are stated only where an exposure saturates")
  func fullWell() async throws {
    let bright = Truth(seed: 5, fullScaleIntensity: 0.9, pixels: "{}")
    func fullWell(_ truth: Truth) async throws -> (Double?, [String]) {
      let report = try await Table(Self.file(truth)).model().1
      return (report.estimates.first { $0.name == "fullWell" }?.value, report.weaknesses)
    }
    let (found, words) = try await fullWell(bright)
    // The converter clips before the well is full, by the dark level.
    #expect(isNear(try #require(found), bright.fullWell * (1 - bright.offset)))
    #expect(!words.contains { $0.contains("full well") })
    let dim = try await fullWell(Truth(seed: 5, fullScaleIntensity: 6, pixels: "{}"))
    #expect(dim.0 == nil && dim.1.contains { $0.contains("full well") })
  }

  @Test("a dark signal that is cut off at zero is said to be, and the noise is found with light")
  func cutOff() async throws {
    let truth = Truth(seed: 6, read: 12, offset: 0, pixels: "{}")
    let (model, report) = try await Table(Self.file(truth)).model()
    #expect(report.weaknesses.contains { $0.contains("cut") })
    #expect(isNear(model.gain, 1 / truth.fullWell))
    #expect(isNear(model.readNoise, truth.read / truth.fullWell, 0.1))
  }

  @Test("without light the routine says so")
  func noLight() async throws {
    let table = try await Table(Self.file(Truth(fullScaleIntensity: 1e5)))
    await #expect(throws: CalibrationError.noLight) { try await table.outcome() }
  }

  @Test("without devices it says so") func noDevices() async throws {
    let table = try await Table(Self.file(Truth()))
    var acquisition = Acquisition(on: table.assembled.bench)
    await #expect(throws: CalibrationError.noDevices) {
      try await CameraRoutine(seed: 1).run(on: table.bench, &acquisition)
    }
  }

  private func recording(_ table: Table, in folder: TemporaryFolder) async throws -> RawRecording {
    try await table.recording(in: folder, panels: [(96, 96), (24, 24)])
  }

  @Test("what was recorded gives the same product without the bench")
  func replay() async throws {
    let (folder, table) = (try TemporaryFolder(), try await Table(Self.file(Truth(seed: 7))))
    let file = try await recording(table, in: folder)
    let outcome = try await table.outcome(RecordedTable(bench: table.instrument, recording: file))
    file.close()
    let recorded = try RecordedSteps(reading: folder.path)
    #expect(recorded.bench == "b" && recorded.camera.description == table.assembled.camera.description)
    #expect(try await table.outcome(RecordedInstrument(recorded)) == outcome)
  }

  @Test("an acquisition that was interrupted takes only the steps that it lacks", arguments: [1, 2, 5])
  func resuming(after steps: Int) async throws {
    let (folder, table) = (try TemporaryFolder(), try await Table(Self.file(Truth(seed: 8))))
    let first = try await recording(table, in: folder)
    await #expect(throws: RecordedTable.Failure.self) {
      try await table.outcome(RecordedTable(bench: table.instrument, recording: first, lifetime: steps))
    }
    first.close()
    let taken = try RecordedSteps(reading: folder.path)
    let second = try await recording(table, in: folder)
    let rest = RecordedTable(bench: table.instrument, recording: second)
    let outcome = try await table.outcome(RecordedInstrument(taken, else: rest))
    second.close()
    let whole = try RecordedSteps(reading: folder.path)
    #expect(whole.entries.count == steps + rest.asked.count)
    #expect(try await table.outcome(RecordedInstrument(whole)) == outcome)
  }
}

extension RawTable<CameraRoutine> {
  fileprivate func model() async throws -> (CameraModel, RoutineReport) {
    let outcome = try await outcome()
    guard case .camera(let model) = outcome.content else { throw CalibrationError.noDevices }
    return (model, outcome.report)
  }

  fileprivate var defects: (hot: [PanelPoint], dead: [PanelPoint]) {
    (assembled.camera as? SimulatedCamera)?.defects ?? ([], [])
  }
}
