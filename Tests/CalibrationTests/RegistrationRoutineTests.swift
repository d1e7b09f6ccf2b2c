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
    var parameters = "# none"
    var fullScaleIntensity = 6.0
    /// Samples along the side of the detector region.
    var side = 48
    /// How far the place may be off, in camera pixels.
    var limit = 0.05
    var input = "{size: 20, block: 3, encoding: amplitude}"

    /// The samples that the bench file wants to be seen, around the middle of the grid.
    var region: Region { Region(x: (64 - side) / 2, y: (64 - side) / 2, width: side, height: side) }
    /// Where the simulated bench takes the region to begin: in the middle of the sensor.
    var corner: PanelPoint { PanelPoint(x: (sensor.width - side) / 2, y: (sensor.height - side) / 2) }

    var testDescription: String { "\(orientation.rawValue), scale \(scale), rotation \(rotation)" }
  }

  private static let (grid, pitch) = (64, 16e-6)

  /// The believed orientation and place are those of a camera that is in its place, whatever the truth is.
  private static func file(_ truth: Truth) throws -> BenchFile {
    let (region, corner) = (truth.region, truth.corner)
    return try BenchFile(
      yaml: """
        geometry: {kind: planes, wavelength: 850e-9, pitch: 16e-6, grid: 64, layers: 2, spacing: 4e-3, padding: 1.5,
          sampling: 2}
        input: \(truth.input)
        detector: {block: 4, region: {x: \(region.x), y: \(region.y), width: \(truth.side), height: \(truth.side)}}
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
          camera: {x: \(corner.x), y: \(corner.y), width: \(truth.side), height: \(truth.side)}
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

  private typealias Table = RawTable<RegistrationRoutine>

  private func table(_ truth: Truth) async throws -> Table { try await Table(Self.file(truth)) }

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
  ///
  /// - Parameter moved: samples by which it may be off along both axes.
  private func error(
    _ model: RegistrationModel, _ truth: Truth, besides moved: SIMD2<Double> = .zero
  ) throws -> Double {
    let (region, values) = (try #require(model.region), model.parameters.values)
    func value(_ name: String) throws -> Double { try #require(values["detector" + name]) }
    var (sum, count) = (0.0, 0.0)
    for y in stride(from: region.y, to: region.y + region.height, by: 3) {
      for x in stride(from: region.x, to: region.x + region.width, by: 3) {
        let pixel = SIMD2(Double(x), Double(y))
        let found = Self.seen(
          pixel, model.orientation, corner: PanelPoint(x: region.x, y: region.y),
          samples: truth.region,
          shift: SIMD2(try value("ShiftX"), try value("ShiftY")) / Self.pitch, rotation: try value("Rotation"),
          scale: try value("Scale"), aspect: try value("Aspect"))
        let real = Self.seen(
          pixel, truth.orientation, corner: truth.corner, samples: truth.region, shift: truth.shift,
          rotation: truth.rotation, scale: truth.scale, aspect: truth.aspect)
        let difference = (found - real - moved) / truth.scale
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
    Truth(orientation: .rotated180, scale: 1.3, rotation: 0.3, aspect: 1.02, side: 36),
    Truth(orientation: .rotated270, scale: 0.6, rotation: -0.05, sensor: (160, 152)),
    Truth(orientation: .mirrored, scale: 0.8, rotation: 0.6, shift: SIMD2(-3, 5)),
    Truth(orientation: .mirroredRotated90, scale: 0.3, rotation: 0.1, sensor: (280, 272)),
    // The twin takes four points along each side of a pixel that sees four samples, and misses some of the speckles within it.
    Truth(orientation: .mirroredRotated180, scale: 4, rotation: 0.02, sensor: (72, 64), side: 12, limit: 0.25),
    Truth(orientation: .mirroredRotated270, scale: 1, rotation: -0.4, aspect: 0.98, shift: SIMD2(6, 2)),
  ]

  @Test("the camera is found however it is turned, mirrored and magnified", arguments: turned)
  func cameras(_ truth: Truth) async throws {
    let table = try await table(truth)
    let outcome = try await table.outcome().accepted()
    let model = try model(outcome)
    #expect(model.orientation == truth.orientation)
    let error = try error(model, truth)
    #expect(error <= truth.limit, "\(error) camera pixels")
  }

  @Test(
    "layers out of place are found with the camera, as far as a beam at another angle does not move all of them alike")
  func layers() async throws {
    let places = [
      (shift: SIMD2(8e-6, -6e-6), rotation: 2e-3, scale: 1.002),
      (shift: SIMD2(-7e-6, 9e-6), rotation: -1.5e-3, scale: 0.998),
    ]
    var truth = Truth(rotation: 0.03, shift: SIMD2(4.3, -2.6))
    truth.layers =
      "exact: ["
      + places.map { "{shiftX: \($0.shift.x), shiftY: \($0.shift.y), rotation: \($0.rotation), scale: \($0.scale)}" }
      .joined(separator: ", ") + "]"
    truth.parameters = [1, 2].flatMap { plane in
      ["ShiftX", "ShiftY", "Rotation", "Scale"].map { "plane\(plane)\($0): {free: true}" }
    }.joined(separator: "\n  ")
    let outcome = try await table(truth).outcome().accepted()
    let values = try model(outcome).parameters.values
    func value(_ name: String) throws -> Double { try #require(values[name], "\(name)") }
    // A beam that is turned by so much more moves the light by this at a distance of one hop, and nobody sees it.
    let hop = -4.02e-3 * (SIMD2(try value("beamTiltX"), try value("beamTiltY")) - SIMD2(truth.beam.x, truth.beam.y))
    for (index, place) in places.enumerated() {
      let name = "plane\(index + 1)"
      let shift = SIMD2(try value(name + "ShiftX"), try value(name + "ShiftY")) - Double(index + 1) * hop
      // At the middle of a layer's edge, in samples.
      let reach = Double(Self.grid) / 2
      let (turn, size) = (try value(name + "Rotation") - place.rotation, try value(name + "Scale") - place.scale)
      let off = (shift - place.shift) / Self.pitch
      #expect((off * off).sum().squareRoot() < 0.1, "\(name) is \(off) samples off")
      #expect(reach * abs(turn) < 0.1 && reach * abs(size) < 0.1, "\(name) is turned by \(turn), larger by \(size)")
    }
    let camera = try error(model(outcome), truth, besides: 3 * hop / Self.pitch)
    #expect(camera < truth.limit, "\(camera) camera pixels; the beam moves them by \(hop / Self.pitch) samples a hop")
  }

  @Test(
    "bench and twin agree about a turned camera once its registration is known, whatever an earlier twin said of its place"
  )
  func used() async throws {
    let truth = Truth(orientation: .mirroredRotated90, scale: 1, rotation: 0.02, shift: SIMD2(4.3, -2.6))
    let table = try await table(truth)
    // What a twin said of a camera that was elsewhere.
    var believed = table.bench.parameters
    for (name, value) in ["detectorShiftX": 20e-6, "detectorRotation": -0.05, "detectorKeystoneX": 50] {
      believed[name] = value
    }
    let before = try table.bench.adding(product(.twin(believed)))
    var acquisition = Acquisition(on: table.assembled.bench, raw: table.instrument)
    let outcome = try await RegistrationRoutine(seed: 1).run(on: before, &acquisition).accepted()
    let after = try before.adding(product(outcome.content))
    #expect(after.parameters["detectorKeystoneX"] == 0)
    let files = try #require(before.operation)
    try await table.assembled.bench.adopt(files)
    #expect(try await discrepancy(before, table) > 0.3)
    try await table.assembled.bench.adopt(try #require(after.operation))
    #expect(try await discrepancy(after, table) < 0.01)
  }

  private func product(_ content: ProductContent) -> Product {
    Product(
      content: content, report: RoutineReport(estimates: [], frames: 0, fitted: 0),
      provenance: Provenance(routine: "test", software: "1"))
  }

  /// Of a frame that the bench measures, and what its twin says.
  private func discrepancy(_ bench: CalibratedBench, _ table: Table) async throws -> Double {
    let patterns = SquarePatterns(layers: 2, grid: Self.grid).series(1, seed: 9)[0]
    let white = Stack<Float>(count: 1, height: 20, width: 20, repeating: 1)
    let seen = try await table.assembled.bench.intensities(layers: patterns, inputs: white, block: 4)
    let twin = try Twin<Float>(bench.description, parameters: bench.parameters)
    return Discrepancy(try twin.forward(layers: patterns, inputs: white, block: 4), seen).pearson
  }

  // MARK: - Refusals

  /// A bench of which a panel shows something else than it is told, or that fails after so many steps.
  private struct Deceiver: RawBench {
    let bench: any RawBench
    var shown: @Sendable (RawStep) -> RawStep = { $0 }
    var taken: @Sendable (RawFrames) -> RawFrames = { $0 }

    var facts: CameraFacts { get async throws { try await bench.facts } }
    func take(_ step: RawStep) async throws -> RawFrames {
      // What is shown changes; how it is looked at does not.
      var other = shown(step)
      (other.rest, other.settings, other.frames) = (step.rest, step.settings, step.frames)
      return taken(try await bench.take(other))
    }
    func finish() async throws { try await bench.finish() }
  }

  @Test("an image that looks the same after a quarter turn is refused, with both answers")
  func ambiguous() async throws {
    let table = try await table(Truth(sensor: (84, 80), input: "{size: 1, block: 24, encoding: amplitude}"))
    let error = await #expect(throws: CalibrationError.self) { try await table.outcome() }
    guard case .registrationAmbiguous(let answers) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(answers.count == 2 && Set(answers).count == 2)
  }

  @Test("without light, and with too much of it at the shortest exposure, the routine says so")
  func light() async throws {
    let dark = try await table(Truth(sensor: (84, 80), fullScaleIntensity: 1e6))
    await #expect(throws: CalibrationError.noLight) { try await dark.outcome() }
    let bright = try await table(Truth(sensor: (84, 80), fullScaleIntensity: 1e-5))
    await #expect(throws: CalibrationError.saturatedAtShortest(exposure: 1e-6)) { try await bright.outcome() }
  }

  @Test("a panel that shows nothing is named")
  func stuckPanels() async throws {
    let table = try await table(Truth(sensor: (84, 80)))
    let names = table.assembled.modulators.map(\.description.name)
    let stuckInput = Deceiver(bench: table.instrument) { _ in RawStep(.level(255, on: .input), frames: 1) }
    await #expect(throws: CalibrationError.unchanging(panel: names[1])) { try await table.outcome(stuckInput) }
    let stuckLayers = Deceiver(bench: table.instrument) { step in
      var step = step
      if case .pattern(let layers, .layers) = step.shown {
        step.shown = .pattern(Pattern(width: layers.width, height: layers.height), on: .layers)
      }
      return step
    }
    await #expect(throws: CalibrationError.unchanging(panel: names[0])) { try await table.outcome(stuckLayers) }
  }

  @Test("a region that the camera cannot see is refused with one that it sees")
  func unfit() async throws {
    let truth = Truth(orientation: .rotated90, scale: 1.6, rotation: 0.03)
    let refusal = await #expect(throws: CalibrationError.self) { try await self.table(truth).outcome() }
    guard case .registrationUnfit(let region, let camera) = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(camera.orientation == truth.orientation && region.width == region.height)
    #expect((32...40).contains(region.width) && region.x == (64 - region.width) / 2)
    // The middle of what it sees, but for what the beam's angle moves, is that of the region.
    let middle = SIMD2(Double(camera.x), Double(camera.y)) + Double(camera.width - 1) / 2
    let seen = Self.seen(
      middle, truth.orientation, corner: truth.corner, samples: truth.region, shift: truth.shift,
      rotation: truth.rotation, scale: truth.scale, aspect: truth.aspect)
    #expect(abs(seen.x + 0.5) < 3 && abs(seen.y + 0.5) < 3, "\(seen)")
  }

  @Test("frames that show something else are not found anywhere in the plane")
  func notFound() async throws {
    let table = try await table(Truth(sensor: (84, 80)))
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

  @Test("an acquisition that was interrupted goes on, and what was recorded gives the same product without the bench")
  func resumed() async throws {
    let (folder, table) = (try TemporaryFolder(), try await table(Truth(sensor: (84, 80))))
    let panels = [(width: 128, height: 64), (width: 24, height: 24)]
    let first = try await table.recording(in: folder, panels: panels)
    await #expect(throws: RecordedTable.Failure.self) {
      try await table.outcome(RecordedTable(bench: table.instrument, recording: first, lifetime: 9))
    }
    first.close()
    let taken = try RecordedSteps(reading: folder.path)
    #expect(taken.entries.count == 9)
    let second = try await table.recording(in: folder, panels: panels)
    let rest = RecordedTable(bench: table.instrument, recording: second)
    let outcome = try await table.outcome(RecordedInstrument(taken, else: rest))
    second.close()
    let whole = try RecordedSteps(reading: folder.path)
    #expect(whole.entries.count == 9 + rest.asked.count)
    #expect(try await table.outcome(RecordedInstrument(whole)) == outcome)
  }
}
