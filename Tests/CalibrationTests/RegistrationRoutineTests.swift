import Arrays
import BenchFile
import BenchTestKit
import Calibration
import Concurrency
import Devices
import DriverCatalogue
import Foundation
import MeasurementFiles
import Measuring
import Testing
import Twin

/// How the camera looks at the plane, found from nothing, against what the simulated bench hides.
@Suite("Registration routine") struct RegistrationRoutineTests {
  /// What is hidden.
  struct Truth: Sendable, CustomTestStringConvertible {
    var orientation = Orientation.upright
    var scale = 1.0
    var rotation = 0.0
    var aspect = 1.0
    /// In samples of the plane.
    var shift = SIMD2(0.0, 0.0)
    /// Pixels along the sensor's sides.
    var sensor = (width: 112, height: 104)
    var beam = (x: 1.5e-3, y: -1e-3)
    var layers = ""
    var parameters = ""
    var fullScaleIntensity = 6.0
    /// How far the place may be off, in camera pixels.
    var limit = 0.05
    var input = "{size: 20, block: 3, encoding: amplitude}"

    var testDescription: String { "\(orientation.rawValue), scale \(scale), rotation \(rotation)" }
  }

  private static let (grid, pitch) = (64, 16e-6)
  private static let region = Region(x: 8, y: 8, width: 48, height: 48)

  /// The believed orientation and place are those of a camera that is in its place, whatever the truth is.
  private static func file(_ truth: Truth) throws -> BenchFile {
    let corner = corner(truth)
    return try BenchFile(
      yaml: """
        geometry: {kind: planes, wavelength: 850e-9, pitch: 16e-6, grid: 64, layers: 2, spacing: 4e-3, padding: 1.5,
          sampling: 2}
        input: \(truth.input)
        detector: {block: 4, region: {x: 8, y: 8, width: 48, height: 48}}
        parameters:
          spacing: {prior: 0.05e-3}
        \(truth.parameters)
        devices:
          layerModulator: {driver: simulated}
          inputModulator: {driver: simulated}
          camera: {driver: simulated}
        layout:
          layers: {origins: [{x: 0, y: 0}, {x: 64, y: 0}], scale: 1}
          input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
          camera: {x: \(corner.x), y: \(corner.y), width: 48, height: 48}
          timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6}
        simulated:
          seed: 1
          misalignment: {exact: {distance: 4.02e-3, mirrorX: 0, mirrorY: 0, beamX: \(truth.beam.x), beamY: \(truth.beam.y)}}
          noise: {laser: 0.01, shot: true, fullWell: 20e3, read: 5}
          layers: {\(truth.layers)}
          imaging: {orientation: \(truth.orientation.rawValue), scale: \(truth.scale), rotation: \(truth.rotation),
            aspect: \(truth.aspect), shiftX: \(truth.shift.x * pitch), shiftY: \(truth.shift.y * pitch), offset: 0.01}
          layerPanel: {width: 128, height: 64}
          inputPanel: {width: 24, height: 24, refreshRate: 2000, latency: 20e-6, settle: 50e-6}
          camera: {width: \(truth.sensor.width), height: \(truth.sensor.height), bits: 12, frameRate: 500, exposure: 1e-3,
            fullScaleIntensity: \(truth.fullScaleIntensity)}
        """, path: "registration.yaml", drivers: .standard)
  }

  /// Where the simulated bench takes the region to begin: in the middle of the sensor.
  private static func corner(_ truth: Truth) -> PanelPoint {
    PanelPoint(x: (truth.sensor.width - region.width) / 2, y: (truth.sensor.height - region.height) / 2)
  }

  /// The bench of a file with its devices for raw steps.
  private struct Table {
    let truth: Truth
    let bench: CalibratedBench
    let assembled: AssembledBench
    let instrument: BenchInstrument

    init(_ truth: Truth) async throws {
      let file = try RegistrationRoutineTests.file(truth)
      self.truth = truth
      assembled = try await file.assemble()
      bench = try CalibratedBench(
        StatedBench(
          description: file.twin, parameters: file.parameters, considered: file.considered,
          layout: file.devices?.layout))
      instrument = BenchInstrument(
        unit: assembled.bench, modulators: assembled.modulators, camera: assembled.camera, clock: assembled.clock)
    }

    func outcome(_ raw: (any RawBench)? = nil) async throws -> RoutineOutcome {
      var acquisition = Acquisition(on: assembled.bench, raw: raw ?? instrument)
      return try await RegistrationRoutine(seed: 1).run(on: bench, &acquisition)
    }
  }

  /// What a camera of this orientation, corner and place sees at a pixel, in samples of the plane. Written anew, from the
  /// description in the bench file's reference.
  private static func seen(
    _ pixel: SIMD2<Double>, _ orientation: Orientation, corner: PanelPoint, samples: Region, shift: SIMD2<Double>,
    rotation: Double, scale: Double, aspect: Double
  ) -> SIMD2<Double> {
    let place = orientation.placement(ofPlane: samples.width, samples.height)
    let offset = pixel - SIMD2(Double(corner.x + place.origin.x), Double(corner.y + place.origin.y))
    let column = SIMD2(Double(place.perColumn.x), Double(place.perColumn.y))
    let row = SIMD2(Double(place.perRow.x), Double(place.perRow.y))
    let u = (offset * column).sum() + Double(samples.x - grid / 2)
    let v = (offset * row).sum() + Double(samples.y - grid / 2)
    let (x, y) = (scale * aspect.squareRoot() * u, scale / aspect.squareRoot() * v)
    return shift + SIMD2(cos(rotation) * x - sin(rotation) * y, sin(rotation) * x + cos(rotation) * y)
  }

  /// Root mean square of how far the found place is from the true one over the found region, in camera pixels.
  private func error(_ model: RegistrationModel, _ truth: Truth) throws -> Double {
    let (region, values) = (try #require(model.region), model.parameters.values)
    func value(_ name: String) throws -> Double { try #require(values["detector" + name]) }
    var (sum, count) = (0.0, 0.0)
    for y in stride(from: region.y, to: region.y + region.height, by: 3) {
      for x in stride(from: region.x, to: region.x + region.width, by: 3) {
        let pixel = SIMD2(Double(x), Double(y))
        let found = Self.seen(
          pixel, model.orientation, corner: PanelPoint(x: region.x, y: region.y),
          samples: model.samples ?? Self.region,
          shift: SIMD2(try value("ShiftX"), try value("ShiftY")) / Self.pitch, rotation: try value("Rotation"),
          scale: try value("Scale"), aspect: try value("Aspect"))
        let real = Self.seen(
          pixel, truth.orientation, corner: Self.corner(truth), samples: Self.region, shift: truth.shift,
          rotation: truth.rotation, scale: truth.scale, aspect: truth.aspect)
        let difference = (found - real) / truth.scale
        sum += (difference * difference).sum()
        count += 1
      }
    }
    return (sum / count).squareRoot()
  }

  private func model(_ outcome: RoutineOutcome) throws -> RegistrationModel {
    guard case .registration(let model) = outcome.content else { throw CalibrationError.noDevices }
    return model
  }

  private static let turned: [Truth] = [
    Truth(orientation: .upright, scale: 1, rotation: 0.03, shift: SIMD2(4.3, -2.6)),
    Truth(orientation: .rotated90, scale: 0.45, rotation: -0.2, sensor: (200, 208)),
    Truth(orientation: .rotated180, scale: 1.3, rotation: 0.3, aspect: 1.02),
    Truth(orientation: .rotated270, scale: 2.4, rotation: -0.05),
    Truth(orientation: .mirrored, scale: 0.8, rotation: 0.6, shift: SIMD2(-3, 5)),
    Truth(orientation: .mirroredRotated90, scale: 0.3, rotation: 0.1, sensor: (280, 272)),
    // The twin takes four points along each side of a pixel that sees four samples, and misses some of the speckles within it.
    Truth(orientation: .mirroredRotated180, scale: 4, rotation: 0.02, sensor: (72, 64), limit: 0.25),
    Truth(orientation: .mirroredRotated270, scale: 1, rotation: -0.4, aspect: 0.98, shift: SIMD2(6, 2)),
  ]

  @Test("the camera is found however it is turned, mirrored and magnified", arguments: turned)
  func cameras(_ truth: Truth) async throws {
    let table = try await Table(truth)
    let outcome = try await table.outcome().accepted()
    let model = try model(outcome)
    #expect(model.orientation == truth.orientation)
    let error = try error(model, truth)
    #expect(error <= truth.limit, "\(error) camera pixels")
  }

  // MARK: - Refusals

  /// A bench of which a panel shows something else than it is told, or that fails after so many steps.
  private struct Deceiver: RawBench {
    struct Failure: Error {}
    let bench: any RawBench
    var shown: @Sendable (RawStep.Shown) -> RawStep.Shown = { $0 }
    var taken: @Sendable (RawFrames) -> RawFrames = { $0 }

    var facts: CameraFacts { get async throws { try await bench.facts } }
    func take(_ step: RawStep) async throws -> RawFrames {
      var step = step
      step.shown = shown(step.shown)
      return taken(try await bench.take(step))
    }
    func finish() async throws { try await bench.finish() }
  }

  @Test("an image that looks the same after a quarter turn is refused, with both answers")
  func ambiguous() async throws {
    let table = try await Table(Truth(input: "{size: 1, block: 24, encoding: amplitude}"))
    let error = await #expect(throws: CalibrationError.self) { try await table.outcome() }
    guard case .registrationAmbiguous(let answers) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(answers.count == 2 && Set(answers).count == 2)
  }

  @Test("without light, and with too much of it at the shortest exposure, the routine says so")
  func light() async throws {
    let dark = try await Table(Truth(fullScaleIntensity: 1e6))
    await #expect(throws: CalibrationError.noLight) { try await dark.outcome() }
    let bright = try await Table(Truth(fullScaleIntensity: 1e-5))
    await #expect(throws: CalibrationError.saturatedAtShortest(exposure: 1e-6)) { try await bright.outcome() }
  }

  @Test("a panel that shows nothing is named")
  func stuckPanels() async throws {
    let table = try await Table(Truth())
    let stuckInput = Deceiver(
      bench: table.instrument,
      shown: { _ in .level(255, on: .input) })
    await #expect(throws: CalibrationError.panelShowsNothing(.input)) { try await table.outcome(stuckInput) }
    let stuckLayers = Deceiver(
      bench: table.instrument,
      shown: { shown in
        guard case .patterns(let layers, let input) = shown else { return shown }
        return .patterns(layers: Pattern(width: layers.width, height: layers.height), input: input)
      })
    await #expect(throws: CalibrationError.panelShowsNothing(.layers)) { try await table.outcome(stuckLayers) }
  }

  @Test("frames that show something else are not found anywhere in the plane")
  func notFound() async throws {
    let table = try await Table(Truth())
    let scrambled = Deceiver(
      bench: table.instrument,
      taken: { taken in
        var taken = taken
        // Rows in another order, the same in every frame.
        for index in taken.frames.indices {
          let frame = taken.frames[index]
          let rows = (0..<frame.height).map { $0 * 37 % frame.height }
          taken.frames[index].pixels = rows.flatMap { row in frame.pixels[row * frame.width..<(row + 1) * frame.width] }
        }
        return taken
      })
    let error = await #expect(throws: CalibrationError.self) { try await table.outcome(scrambled) }
    guard case .registrationNotFound = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  // MARK: - Recordings

  /// A bench that records what it does, and fails after so many steps.
  private struct Recorded: RawBench {
    let bench: BenchInstrument
    let recording: RawRecording
    var lifetime = Int.max
    let taken = Locked(0)

    var facts: CameraFacts { get async { await bench.facts } }
    func take(_ step: RawStep) async throws -> RawFrames {
      guard
        taken.withLock({
          $0 += 1
          return $0 <= lifetime
        })
      else { throw Deceiver.Failure() }
      let frames = try await bench.take(step)
      try recording.append(step, frames)
      return frames
    }
    func finish() async throws { try await bench.finish() }
  }

  private func recording(_ table: Table, in folder: TemporaryFolder) async throws -> RawRecording {
    try RawRecording(
      path: RawRecording.nextPath(in: folder.path),
      attributes: RecordingAttributes(
        software: "1", revision: "r", kind: "calibrate", parameters: "{}", bench: "b", configuration: "{}", date: "",
        clockOffset: 0), camera: await table.instrument.facts, panels: [(128, 64), (24, 24)])
  }

  @Test("an acquisition that was interrupted goes on, and what was recorded gives the same product without the bench")
  func resumed() async throws {
    let (folder, table) = (try TemporaryFolder(), try await Table(Truth()))
    let first = try await recording(table, in: folder)
    await #expect(throws: Deceiver.Failure.self) {
      try await table.outcome(Recorded(bench: table.instrument, recording: first, lifetime: 9))
    }
    first.close()
    let taken = try RecordedSteps(reading: folder.path)
    #expect(taken.entries.count == 9)
    let second = try await recording(table, in: folder)
    let rest = Recorded(bench: table.instrument, recording: second)
    let outcome = try await table.outcome(RecordedInstrument(taken, else: rest))
    second.close()
    let whole = try RecordedSteps(reading: folder.path)
    #expect(whole.entries.count == 9 + rest.taken.withLock { $0 })
    #expect(try await table.outcome(RecordedInstrument(whole)) == outcome)
  }
}
