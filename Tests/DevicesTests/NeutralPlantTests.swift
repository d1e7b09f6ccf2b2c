import Arrays
import Devices
import Simulated
import Testing

/// The devices of the profile `simulated` with random patterns.
struct ProfileBench {
  let simulated: SimulatedBench

  init(_ change: (inout SimulatedConfiguration) -> Void = { _ in }) throws {
    let optics = NominalOptics(
      kind: .cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 96, layers: 4, distance: 4.8e-3, imageSize: 20,
      imageBlock: 4, detectorX: 8, detectorY: 8)
    let layout = BenchLayout(
      layers: LayerLayout(origins: [4, 204, 404, 604].map { PanelPoint(x: $0, y: 4) }, grid: 96, scale: 2),
      input: InputLayout(origin: PanelPoint(x: 8, y: 8), size: 20, scale: 4),
      camera: CameraLayout(x: 8, y: 8, width: 80, height: 80))
    var configuration = SimulatedConfiguration(
      layerPanel: SimulatedPanel(width: 800, height: 200),
      inputPanel: SimulatedPanel(width: 96, height: 96, refreshRate: 2000, latency: 20e-6, settle: 50e-6),
      camera: SimulatedSensor(width: 96, height: 96, fullScaleIntensity: 4))
    change(&configuration)
    simulated = try SimulatedBench(configuration: configuration, optics: optics, layout: layout)
  }

  /// Two frames of every pair of patterns; the first of each is exposed while the panels change.
  func frames(layers: [Pattern], inputs: [Pattern]) async throws -> [[UInt16]] {
    let (camera, clock) = (simulated.camera, simulated.clock)
    let inputPanel = try #require(simulated.inputModulator)
    try await camera.start()
    var frames: [[UInt16]] = []
    for layer in layers {
      _ = try await simulated.layerModulator.show(try await simulated.layerModulator.upload([layer])[0])
      for handle in try await inputPanel.upload(inputs) {
        _ = try await inputPanel.show(handle)
        for _ in 0..<2 { frames.append(try await camera.nextFrame(deadline: clock.now + 1_000_000_000).pixels) }
      }
    }
    await camera.stop()
    return frames
  }

  /// A frame of a pair of patterns that have come to rest.
  func frame(layers: Pattern, input: Pattern) async throws -> [UInt16] {
    try #require(try await frames(layers: [layers], inputs: [input, input, input, input]).last)
  }

  /// Cells of random grey levels.
  static func pattern(_ width: Int, _ height: Int, cell: Int, seed: UInt64) -> Pattern {
    let random = CounterRandom(seed: seed)
    var pattern = Pattern(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        pattern.levels[y * width + x] = UInt8(random.integer(below: 256, at: UInt64(y / cell * 1000 + x / cell)))
      }
    }
    return pattern
  }
}

@Suite("The plant without imperfections")
struct NeutralPlantTests {
  @Test("gives the very frames that it gave before it had any")
  func unchanged() async throws {
    let layers = (0..<3).map { ProfileBench.pattern(800, 200, cell: 16, seed: $0) }
    let inputs = (0..<8).map { ProfileBench.pattern(96, 96, cell: 4, seed: 100 + $0) }
    let frames = try await ProfileBench().frames(layers: layers, inputs: inputs)
    // FNV-1a of all pixels, recorded with commit dd4f4e7.
    let hash = frames.joined().reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    #expect(hash == 0x3ab3_37e9_77a8_de16)
  }

  @Test("every kind of imperfection changes the light")
  func everyEffect() async throws {
    let changes: [(String, (inout SimulatedConfiguration) -> Void)] = [
      ("shift", { $0.placement.shift = 5e-6 }), ("tilt", { $0.placement.tilt = 1e-4 }),
      ("rotation", { $0.placement.rotation = 2e-3 }), ("scale", { $0.placement.scale = 2e-3 }),
      ("distance", { $0.placement.distance = 1e-4 }), ("flatness", { $0.placement.flatness.rms = 0.3 }),
      ("roughness", { $0.placement.flatness.roughness = 0.3 }), ("slope", { $0.modulator.slope = 0.05 }),
      ("quadratic", { $0.modulator.quadratic = 0.1 }), ("sine", { $0.modulator.sine = 0.1 }),
      ("regions", { ($0.modulator.regions, $0.modulator.regionalSlope) = (2, 0.05) }),
      ("fill factor", { $0.modulator.fillFactor = 0.9 }), ("crosstalk", { $0.modulator.crosstalk = 6e-6 }),
      ("map", { $0.placement.maps = [[], (0..<16).map { Double($0) / 10 }, [], []] }),
      ("kernel", { $0.modulator.crosstalkKernel = [[0.1, 0.7, 0.2]] }), ("curvature", { $0.source.curvature = 0.2 }),
      ("illumination", { $0.source.slopeY = 0.2 }), ("source aberration", { $0.source.aberration.rms = 0.5 }),
      ("relay aberration", { $0.imaging.aberration.rms = 0.5 }), ("camera", { $0.imaging.shiftX = 10e-6 }),
      ("keystone", { $0.imaging.keystoneX = 10 }), ("blur", { $0.imaging.pointSpread = 10e-6 }),
      ("gain", { $0.imaging.gain = 0.8 }), ("offset", { $0.imaging.offset = 0.01 }),
      ("repeated input", { $0.repeatedInput = RepeatedInput(scale: 1) }),
    ]
    let layers = ProfileBench.pattern(800, 200, cell: 16, seed: 1)
    let input = ProfileBench.pattern(96, 96, cell: 4, seed: 2)
    let plain = try await ProfileBench { $0.noise = .none }.frame(layers: layers, input: input)
    for (name, change) in changes {
      let changed = try await ProfileBench {
        $0.noise = .none
        change(&$0)
      }.frame(layers: layers, input: input)
      let difference = zip(plain, changed).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(Double(difference) > 0.003 * Double(plain.reduce(0) { $0 + Int($1) }), "\(name)")
    }
  }
}
