import Arrays
import BenchFile
import Devices
import DriverCatalogue
import Files
import Foundation
import Simulated
import StrictYAML
import Testing
import Twin

/// The profiles of the source tree that these tests belong to.
private let profiles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../../Calibration/Profiles").path

@Suite("A bench file")
struct LoadTests {
  @Test("in the form that scripts write has these values and these defaults")
  func scripted() throws {
    let bench = try BenchFile(
      yaml: """
        geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 128, layers: 4, spacing: 0.02, padding: 1}
        input: {size: 20, block: 4, encoding: amplitude}
        detector: {block: 1}
        """, path: "b.yaml", drivers: .standard)
    let expected = TwinDescription(
      geometry: GeometryDescription(
        kind: .planes, wavelength: 850e-9, pitch: 8e-6, grid: 128, layers: 4, distance: 0.02, padding: 1, sampling: 1,
        bandLimit: true),
      input: InputDescription(size: 20, block: 4, encoding: .amplitude), detector: DetectorDescription(block: 1))
    #expect(bench.twin == expected)
    #expect(bench.parameters.free.map(\.name) == ["spacing", "beamTiltX", "beamTiltY"])
    #expect(bench.parameters.active.map(\.value) == [0.02, 0, 0])
  }

  @Test("states starts, priors and bounds of parameters; what it leaves out keeps its default")
  func parameters() throws {
    let bench = try BenchFile(
      yaml: """
        geometry: {kind: cavity, wavelength: 850e-9, pitch: 8e-6, grid: 128, layers: 4, mirrorGap: 0.01, bandLimit: no}
        input: {size: 20, block: 4, encoding: phase}
        parameters:
          mirrorTiltX: {start: 1e-3, prior: 2e-4, minimum: -4e-3, maximum: 4e-3}
        """, path: "b.yaml", drivers: .standard)
    #expect(bench.parameters.free.map(\.name) == ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"])
    let tilt = try #require(bench.parameters.parameter(named: "mirrorTiltX"))
    #expect([tilt.value, tilt.prior, tilt.minimum, tilt.maximum] == [1e-3, 2e-4, -4e-3, 4e-3])
    #expect(bench.parameters["mirrorGap"] == 0.01)
    #expect(bench.twin.geometry.bandLimit == false)
    #expect(bench.twin.input.encoding == .phase)
  }

  @Test("names what stays and may be off: parameters that are not free and of which it states a prior")
  func considered() throws {
    let bench = try BenchFile(
      yaml: """
        geometry: {kind: cavity, wavelength: 850e-9, pitch: 8e-6, grid: 128, layers: 4, mirrorGap: 0.01, bandLimit: no}
        input: {size: 20, block: 4, encoding: phase}
        parameters:
          mirrorTiltX: {prior: 2e-4}
          mirrorTiltY: {prior: 2e-4, free: false}
          plane1Zernike5: {prior: 0.05}
          plane2Zernike5: {prior: 0.05, free: true}
          plane3Zernike5: {start: 0.1}
        """, path: "b.yaml", drivers: .standard)
    #expect(bench.considered == ["mirrorTiltY", "plane1Zernike5"])
  }

  @Test("of the paper describes 260 pixels of 9.2 um at 17.1 mm")
  func paper() throws {
    let twin = try BenchFile.load(path: profiles + "/paper-mplc.yaml", drivers: .standard).twin
    #expect(twin.geometry.kind == .cavity)
    #expect(twin.geometry.grid == 260)
    #expect(twin.geometry.pitch == 9.2e-6)
    #expect(twin.geometry.distance == 17.1e-3)
    #expect(twin.input.size * twin.input.block == 260)
  }
}

@Suite("The simulated profile")
struct SimulatedProfileTests {
  @Test("describes devices whose layout fits the twin and the panels")
  func layout() throws {
    let bench = try BenchFile.load(path: profiles + "/simulated.yaml", drivers: .standard)
    let layout = try #require(bench.devices?.layout)
    #expect(layout.layers.grid == bench.twin.geometry.grid)
    #expect(layout.layers.origins.count == 4)
    #expect(layout.camera.width == 80 && layout.camera.height == 80)
    #expect(try #require(bench.driverSections["simulated"] as? SimulatedConfiguration).camera.bits == 12)
  }

  @Test("gives the twin no knowledge of the plant's angles")
  func hidden() throws {
    let bench = try BenchFile.load(path: profiles + "/simulated.yaml", drivers: .standard)
    #expect(bench.parameters.all.dropFirst().allSatisfy { $0.value == $0.neutral })
    #expect(try #require(bench.driverSections["simulated"] as? SimulatedConfiguration).misalignment.exact == nil)
  }

  @Test(
    "refuses a layout that does not fit, and names the key",
    arguments: [
      ("{x: 604, y: 4}", "{x: 700, y: 4}", "layout.layers"),
      ("{x: 604, y: 4}", "{x: 500, y: 4}", "layout.layers.origins"),
      ("- {x: 604, y: 4}", "", "layout.layers.origins"),
      ("camera: {x: 8, y: 8, width: 80, height: 80}", "camera: {x: 20, y: 8, width: 80, height: 80}", "layout.camera"),
      ("camera: {x: 8, y: 8, width: 80, height: 80}", "camera: {x: 8, y: 8, width: 40, height: 40}", "layout.camera"),
      (
        "camera: {x: 8, y: 8, width: 80, height: 80}",
        "camera: {x: 8, y: 8, width: 80, height: 80, orientation: upsidedown}", "layout.camera.orientation"
      ),
      ("scale: 4 #", "scale: 5 #", "layout.input"),
      ("layerModulator: {driver: simulated}", "layerModulator: {drivr: simulated}", "devices.layerModulator.drivr"),
      ("layerLatency: 1e-3", "layerLatency: 1000", "layout.timing.layerLatency"),
      ("laser: 0.01", "laser: 1.5", "simulated.noise.laser"),
      ("beam: {minimum: 1e-3", "beam: {minimum: 1", "simulated.misalignment.beam.minimum"),
    ])
  func misfit(written: String, instead: String, key: String) throws {
    let text = try String(contentsOfFile: profiles + "/simulated.yaml", encoding: .utf8)
    #expect(text.contains(written))
    #expect {
      try BenchFile(yaml: text.replacingOccurrences(of: written, with: instead), path: "b.yaml", drivers: .standard)
    } throws: { error in
      guard case .mistakes(_, let mistakes)? = error as? ReadingError else { return false }
      return mistakes.contains { $0.key == key }
    }
  }
}

@Suite("The camera's orientation")
struct CameraOrientationTests {
  private let text: String

  init() throws {
    // A detector region that is not square.
    text = try String(contentsOfFile: profiles + "/simulated.yaml", encoding: .utf8)
      .replacingOccurrences(
        of: "region: {x: 8, y: 8, width: 80, height: 80}", with: "region: {x: 8, y: 8, width: 80, height: 40}")
  }

  private func camera(_ words: String) throws -> CameraLayout? {
    try BenchFile(
      yaml: text.replacingOccurrences(of: "{x: 8, y: 8, width: 80, height: 80}", with: "{x: 8, y: 8, \(words)}"),
      path: "b.yaml", drivers: .standard
    ).devices?.layout.camera
  }

  @Test(
    "is what somebody is told who turns the camera half around by a parameter, or mirrors it",
    arguments: [
      "detectorRotation: {start: 3.14159, minimum: 3, maximum: 3.3}", "detectorAspect: {start: -1, minimum: -2}",
    ])
  func otherKey(words: String) throws {
    #expect {
      _ = try BenchFile(
        yaml: text.replacingOccurrences(of: "parameters:\n", with: "parameters:\n  \(words)\n"), path: "b.yaml",
        drivers: .standard)
    } throws: { error in
      guard case .mistakes(_, let mistakes)? = error as? ReadingError else { return false }
      return mistakes.contains { $0.key.hasSuffix(".start") && $0.message.contains("layout.camera.orientation") }
    }
  }

  @Test("is upright unless the file says otherwise; a quarter turn swaps the sides of the region")
  func sides() throws {
    #expect(try camera("width: 80, height: 40")?.orientation == .upright)
    for orientation in Orientation.allCases {
      let isTurned = !orientation.quarterTurns.isMultiple(of: 2)
      let (right, wrong) = ("width: 80, height: 40", "width: 40, height: 80")
      let word = ", orientation: \(orientation.rawValue)"
      #expect(try camera((isTurned ? wrong : right) + word)?.orientation == orientation)
      #expect {
        _ = try camera((isTurned ? right : wrong) + word)
      } throws: { error in
        guard case .mistakes(_, let mistakes)? = error as? ReadingError else { return false }
        return mistakes.map(\.key) == ["layout.camera"]
      }
    }
  }
}

@Suite("A bench made from its file")
struct AssemblyTests {
  @Test("has the devices of the simulated profile and measures in the detector's shape")
  func simulated() async throws {
    let file = try BenchFile.load(path: profiles + "/simulated.yaml", drivers: .standard)
    let assembled = try await file.assemble()
    #expect(assembled.modulators.map(\.description.width) == [800, 96])
    #expect(Set(try #require(assembled.truth).keys) == Set(file.parameters.names))
    try await assembled.bench.start()
    let frames = try await assembled.bench.intensities(
      layers: Stack(count: 4, height: 96, width: 96), inputs: Stack(count: 2, height: 20, width: 20, repeating: 1),
      block: nil)
    try await assembled.bench.stop()
    let shape: [Int] = [frames.count, frames.height, frames.width]
    #expect(shape == [2, 20, 20])
    #expect(frames.values.contains { $0 > 0 })
  }

  @Test("is refused when the file describes a twin only")
  func twinOnly() async throws {
    let file = try BenchFile.load(path: profiles + "/paper-mplc.yaml", drivers: .standard)
    await #expect(throws: BenchFileError.noDevices(path: file.path)) { try await file.assemble() }
  }
}

@Suite("The sections of a real bench")
struct RealBenchTests {
  private let start = """
    geometry: {kind: cavity, wavelength: 850e-9, pitch: 8e-6, grid: 16, layers: 2, mirrorGap: 0.01, engine: fftw}

    """

  @Test("source, modulator, converter and the switch of a parameter are read, with their defaults")
  func sections() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try NPY.write(NPYArray(Stack<Double>(count: 1, height: 16, width: 16, repeating: 0.5)), to: folder.path + "/a.npy")
    let yaml =
      start + """
        source: {amplitude: a.npy}
        input: {size: 4, block: 4, encoding: binary, levels: 16, repeat: true}
        modulator: {levels: 64, response: [0, 3, 6.2], regions: 2, crosstalkKernel: [[0.1, 1, 0.1]], roughness: {rms: 0.05, length: 20e-6}}
        detector: {block: 2, saturation: 3, bits: 12, fullScale: 4}
        parameters:
          fillFactor: {start: 0.9, free: true}
          mirrorGap: {free: false}
        """
    let bench = try BenchFile(yaml: yaml, path: folder.path + "/b.yaml", drivers: .standard)
    #expect(bench.twin.source.amplitude?.values.allSatisfy { $0 == 0.5 } == true)
    #expect(bench.twin.input.encoding == .binary && bench.twin.input.levels == 16 && bench.twin.input.repeatsInput)
    #expect(bench.twin.modulator.levels == 64 && bench.twin.modulator.response == [0, 3, 6.2])
    #expect(bench.twin.modulator.regions == 2 && bench.twin.modulator.crosstalkKernel == [[0.1, 1, 0.1]])
    #expect(bench.roughness == LayerRoughness(rms: 0.05, length: 20e-6) && bench.twin.modulator.maps == nil)
    #expect(bench.twin.detector.bits == 12 && bench.twin.detector.fullScale == 4 && bench.twin.detector.saturation == 3)
    #expect(bench.twin.geometry.engine == .fftw)
    #expect(bench.parameters["fillFactor"] == 0.9)
    #expect(bench.parameters.free.map(\.name).contains("fillFactor"))
    #expect(!bench.parameters.free.map(\.name).contains("mirrorGap"))
    #expect(bench.parameters.names.contains("plane2Response4") && bench.parameters.names.contains("repeatScale"))
    _ = try Twin<Float>(bench.twin, parameters: bench.parameters)
  }

  @Test(
    "what no bench has is a mistake at its key",
    arguments: [
      ("source: {amplitude: none.npy}", "source.amplitude"), ("modulator: {response: [1]}", "modulator.response"),
      ("modulator: {crosstalkKernel: [[1, 2]]}", "modulator.crosstalkKernel"),
      ("modulator: {crosstalkKernel: [[1], [-2], [1]]}", "modulator.crosstalkKernel"),
      ("modulator: {roughness: {rms: -1, length: 1e-4}}", "modulator.roughness.rms"),
      ("modulator: {levels: many}", "modulator.levels"), ("detector: {bits: 8}", "detector.bits"),
      ("parameters: {fillFactor: {start: 2}}", "parameters.fillFactor.start"),
      ("parameters: {fillFactor: {free: perhaps}}", "parameters.fillFactor.free"),
    ])
  func mistakes(line: String, key: String) {
    let yaml = start + "input: {size: 4, block: 4}\n" + line
    do {
      _ = try BenchFile(yaml: yaml, path: "b.yaml", drivers: .standard)
      Issue.record("accepted: \(line)")
    } catch ReadingError.mistakes(_, let mistakes) {
      #expect(mistakes.map(\.key) == [key])
    } catch {
      Issue.record("\(error)")
    }
  }
}
