import Arrays
import BenchFile
import Devices
import DriverCatalogue
import Foundation
import Optics
import Simulated
import StrictYAML
import Testing
import Twin

/// A bench file of a simulated bench, by what its panels are told.
private struct PanelCase: Sendable, CustomTestStringConvertible {
  var encoding = "amplitude"
  /// Of the twin's input; nil leaves the key out.
  var levels: Int?
  var fullLevel = 255
  var greyLevels = 256
  var block = 4
  /// Panel pixels along each side of a grid sample.
  var width = 1
  var phases: Int?
  var levelsPerTurn = 256
  var size = 6
  var layers = 1

  var testDescription: String {
    "\(encoding), levels \(levels.map(String.init) ?? "-"), fullLevel \(fullLevel), block \(block)x\(width)"
  }

  var grid: Int { max(8, size * block + 3) }

  var yaml: String {
    let scale = block * width
    let panel = max(size * scale, grid) + 4
    let origins = (0..<layers).map { "{x: \(1 + $0 * grid), y: 2}" }.joined(separator: ", ")
    return """
      geometry: {kind: planes, wavelength: 850e-9, pitch: 18.4e-6, grid: \(grid), layers: \(layers), spacing: 5e-3, padding: 2, sampling: 2}
      input: {size: \(size), block: \(block), encoding: \(encoding)\(levels.map { ", levels: \($0)" } ?? "")}
      \(phases.map { "modulator: {levels: \($0)}" } ?? "")
      detector: {block: \(grid)}
      devices: {layerModulator: {driver: simulated}, inputModulator: {driver: simulated}, camera: {driver: simulated}}
      layout:
        layers: {origins: [\(origins)], levelsPerTurn: \(levelsPerTurn)}
        input: {origin: {x: 3, y: 2}, scale: \(scale), fullLevel: \(fullLevel)}
        camera: {x: 0, y: 0, width: \(grid), height: \(grid)}
        timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6, rejectsIdenticalFrames: false}
      simulated:
        misalignment: {exact: {distance: 5e-3}}
        noise: {laser: 0, shot: false, read: 0}
        layerPanel: {width: \(1 + layers * grid + 4), height: \(grid + 4), greyLevels: \(max(2, levelsPerTurn))}
        inputPanel: {width: \(panel), height: \(panel), greyLevels: \(greyLevels)}
        camera: {width: \(grid), height: \(grid), bits: 16, fullScaleIntensity: 8}
      """
  }

  func file() throws -> BenchFile { try BenchFile(yaml: yaml, path: "b.yaml", drivers: .standard) }

  /// What keeps the file from being one; empty when nothing does.
  func mistakes() -> [String] {
    do {
      _ = try file()
      return []
    } catch { return "\(error)".split(separator: "\n").map(String.init) }
  }
}

/// The rule that bench, twin and plant are held to, written a third time.
private struct Rule {
  let test: PanelCase

  /// The field of a mirror or sample of an image pixel, rows and columns counted in the pixel.
  func field(_ value: Float, row: Int, column: Int) -> SIMD2<Double> {
    var shown = min(max(Double(value), 0), 1)
    let steps = (test.levels ?? test.fullLevel + 1) - 1
    switch test.encoding {
    case "binary":
      let all = test.block * test.block
      // Halves of exact fractions go up: round(p/q) = floor((2p + q)/2q).
      let count: Int
      if let levels = test.levels {
        let step = Int(floor(shown * Double(levels - 1) + 0.5))
        count = (2 * step * all + levels - 1) / (2 * (levels - 1))
      } else {
        count = Int(floor(shown * Double(all) + 0.5))
      }
      return SIMD2(rank(row, column) < count ? 1 : 0, 0)
    case "intensity":
      shown = floor(shown * Double(steps) + 0.5) / Double(steps)
      return SIMD2(shown.squareRoot(), 0)
    case "phase":
      shown = floor(shown * Double(steps) + 0.5) / Double(steps)
      return SIMD2(cos(.pi * shown), sin(.pi * shown))
    default: return SIMD2(floor(shown * Double(steps) + 0.5) / Double(steps), 0)
    }
  }

  /// How many mirrors of the pixel are nearer to its centre, or as near and before it.
  private func rank(_ row: Int, _ column: Int) -> Int {
    func distance(_ index: Int) -> Double {
      let middle = Double(test.block - 1) / 2
      return pow(Double(index % test.block) - middle, 2) + pow(Double(index / test.block) - middle, 2)
    }
    let own = row * test.block + column
    return (0..<test.block * test.block).count {
      distance($0) < distance(own) || distance($0) == distance(own) && $0 < own
    }
  }
}

@Suite("Bench, twin and plant put the same light on the beam")
struct PanelEncodingTests {
  private static let cases: [PanelCase] = stated + areas

  private static let stated: [PanelCase] = {
    let levels = [(2, 1), (2, 255), (3, 2), (4, 3), (4, 255), (16, 15), (16, 255), (217, 216), (256, 255)]
    var cases: [PanelCase] = []
    for encoding in ["amplitude", "intensity", "phase", "binary"] {
      for block in 1...5 {
        for (values, full) in levels {
          cases.append(
            PanelCase(
              encoding: encoding, levels: values, fullLevel: full, greyLevels: full + 1, block: block,
              width: 1 + (block + values) % 2, size: 20))
        }
      }
    }
    return cases
  }()

  /// Area coding of values that are not rounded first, on panels of two levels and of many; and of finer ones than a panel has.
  private static let areas: [PanelCase] = {
    let levels: [(Int?, Int)] = [(nil, 1), (nil, 255), (65536, 1), (7, 1)]
    var cases: [PanelCase] = []
    for block in 1...7 {
      for (values, full) in levels {
        cases.append(
          PanelCase(
            encoding: "binary", levels: values, fullLevel: full, greyLevels: full + 1, block: block,
            width: 1 + block % 3, size: 20))
      }
    }
    return cases
  }()

  /// 400 values in 0…1: the ends, every half step of the coarse ones, and others between.
  private func values(_ test: PanelCase) -> Stack<Float> {
    let steps = Float(2 * ((test.levels ?? test.block * test.block + 1) - 1))
    let values = (0..<test.size * test.size).map { index -> Float in
      index % 2 == 0 ? Float(index / 2 % Int(steps + 1)) / steps : Float(index) / Float(test.size * test.size - 1)
    }
    return Stack(count: 1, height: test.size, width: test.size, values: values)
  }

  /// Protects: the field on the input plane is the rule's, mirror by mirror, for the panel's pattern under the plant and for
  /// the twin in both precisions.
  @Test("for every encoding, number of levels and block, from the finest steps of the value", arguments: cases)
  private func field(test: PanelCase) throws {
    let file = try test.file()
    let layout = try #require(file.devices).layout
    let images = values(test)
    var pattern = Pattern(
      width: layout.input.size * layout.input.scale + 4, height: layout.input.size * layout.input.scale + 4)
    PatternEncoder(layout: layout).draw(input: images, index: 0, on: &pattern)
    #expect(Int(pattern.levels.max() ?? 0) <= test.fullLevel)

    let sampling = 2
    let optics = NominalOptics(
      kind: .planes, wavelength: 850e-9, pitch: 18.4e-6, grid: test.grid, layers: 1, distance: 5e-3,
      encoding: try #require(NominalOptics.Encoding(rawValue: test.encoding)), imageSize: test.size,
      imageBlock: test.block)
    let plant = PanelSurface(
      grid: PlantGrid(grid: test.grid, canvas: test.grid, sampling: sampling, pitch: 18.4e-6), layout: layout,
      optics: optics
    ).input(pattern)
    let single = twinField(file, images.values.map { $0 }, sampling)
    let double = twinField(file, images.values.map(Double.init), sampling)

    let (side, extent) = (test.grid * sampling, test.size * test.block)
    let offset = (test.grid - extent) / 2
    let rule = Rule(test: test)
    var (bench, twin, precise) = (0.0, 0.0, 0.0)
    for sample in 0..<side * side {
      let (row, column) = (sample / side / sampling - offset, sample % side / sampling - offset)
      var expected = SIMD2<Double>.zero
      if (0..<extent).contains(row), (0..<extent).contains(column) {
        expected = rule.field(
          images[0, row / test.block, column / test.block], row: row % test.block, column: column % test.block)
      }
      bench = max(bench, length(plant[sample] - expected))
      twin = max(twin, length(single[sample] - expected))
      precise = max(precise, length(double[sample] - expected))
    }
    #expect(bench < 1e-12 && precise < 1e-12 && twin < 1e-6)
  }

  private func length(_ z: SIMD2<Double>) -> Double { (z * z).sum().squareRoot() }

  private func twinField<Scalar: OpticsScalar>(_ file: BenchFile, _ image: [Scalar], _ sampling: Int) -> [SIMD2<Double>]
  {
    let side = file.twin.geometry.grid * sampling
    let encoder = InputEncoder<Scalar>(file.twin.input, grid: file.twin.geometry.grid, sampling: sampling)
    var plane = [Scalar](repeating: .nan, count: 2 * side * side)
    encoder.encode(image, field: &plane)
    return (0..<side * side).map { SIMD2(Double(plane[2 * $0]), Double(plane[2 * $0 + 1])) }
  }

  private static let benches: [PanelCase] =
    [
      PanelCase(encoding: "binary", fullLevel: 1, greyLevels: 2),
      PanelCase(encoding: "binary", fullLevel: 1, greyLevels: 2, block: 3, width: 2),
      PanelCase(encoding: "binary", levels: 5), PanelCase(encoding: "amplitude", fullLevel: 3, greyLevels: 4),
      PanelCase(encoding: "intensity", levels: 4), PanelCase(encoding: "phase", levels: 2, fullLevel: 1, greyLevels: 2),
      PanelCase(encoding: "amplitude", fullLevel: 216, greyLevels: 217),
    ]
    + [(2, nil), (2, 2), (3, nil), (4, nil), (16, nil), (217, nil), (256, 16)].map { levels, phases in
      PanelCase(phases: phases, levelsPerTurn: levels, layers: 2)
    }

  /// Protects: what the bench measures, through its encoder, its panels and the plant, is what the twin of the same file
  /// computes, for grey images and for layers of a continuous range of phases.
  @Test("a measurement is what the twin computes, on panels with few levels, too", arguments: benches)
  private func measurement(test: PanelCase) async throws {
    let file = try test.file()
    let random = CounterRandom(seed: 7)
    let phases = (0..<test.layers * test.grid * test.grid).map { Float(random.uniform(at: UInt64($0)) * 6.28) }
    let layers = Stack(
      count: test.layers, height: test.grid, width: test.grid,
      values: test.layers == 1 ? [Float](repeating: 0, count: test.grid * test.grid) : phases)
    let levels: [Float] = [0.25, 0.4375, 0.5, 0.75, 1]
    let images = Stack(
      count: levels.count, height: test.size, width: test.size,
      values: levels.flatMap { [Float](repeating: $0, count: test.size * test.size) })
    let assembled = try await file.assemble()
    try await assembled.bench.start()
    let measured = try await assembled.bench.intensities(layers: layers, inputs: images, block: 3)
    try await assembled.bench.stop()
    let computed = try Twin<Float>(file.twin, parameters: file.parameters).forward(
      layers: layers, inputs: images, block: 3)
    for image in 0..<levels.count {
      let all = image * measured.planeSize..<(image + 1) * measured.planeSize
      let found = measured.values[all].map { Double($0) * 8 }
      let expected = computed.values[all].map(Double.init)
      let error = zip(found, expected).reduce(0) { $0 + pow($1.0 - $1.1, 2) }
      let power = expected.reduce(0) { $0 + $1 * $1 }
      // Plant and twin sample a diffracted wave differently; steps taken for grey would be off by tenths.
      #expect((error / power).squareRoot() < 0.03, "image of \(levels[image])")
    }
  }

  /// Protects: the simplest figures that users check, the light of a uniform image against that of white.
  @Test(
    "on a panel of two levels, uniform greys have the light that the part of their mirrors gives, not black or white")
  func greyOnTwoLevels() async throws {
    let test = PanelCase(encoding: "binary", fullLevel: 1, greyLevels: 2)
    let layout = try #require(try test.file().devices).layout
    for (value, mirrors) in [(0, 0), (0.03, 0), (0.04, 1), (0.25, 4), (0.44, 7), (0.5, 8), (0.75, 12), (1, 16)] {
      let image = Stack<Float>(count: 1, height: 6, width: 6, repeating: Float(value))
      var pattern = Pattern(width: 28, height: 28)
      PatternEncoder(layout: layout).draw(input: image, index: 0, on: &pattern)
      #expect(pattern.levels.count { $0 == 1 } == 36 * mirrors, "\(value)")
    }
  }

  @Test("what a panel cannot show is a mistake that says what to give instead, for the file and for the bench")
  func refusals() throws {
    for (test, key, remedy) in [
      (PanelCase(fullLevel: 1, greyLevels: 2), "layout.input.fullLevel", "input.encoding: binary"),
      (PanelCase(encoding: "intensity", fullLevel: 1, greyLevels: 2), "layout.input.fullLevel", "input.levels: 2"),
      (PanelCase(encoding: "phase", fullLevel: 1, greyLevels: 2), "layout.input.fullLevel", "input.levels: 2"),
      (PanelCase(levels: 217), "layout.input.fullLevel", "input.levels: 256"),
      (PanelCase(levels: 4, fullLevel: 1, greyLevels: 2), "layout.input.fullLevel", "multiple of 3"),
      (PanelCase(levels: 65536), "layout.input.fullLevel", "input.levels: 256"),
      (PanelCase(phases: 217), "layout.layers.levelsPerTurn", "multiple of the 217"),
      (PanelCase(phases: 256, levelsPerTurn: 128), "layout.layers.levelsPerTurn", "multiple of the 256"),
      (PanelCase(fullLevel: 255, greyLevels: 16), "layout.input", "the highest of the panel's 16 levels is 15"),
    ] {
      let mistakes = test.mistakes()
      #expect(mistakes.count == 1, "\(test): \(mistakes)")
      #expect(mistakes.first?.contains(key) == true && mistakes.first?.contains(remedy) == true, "\(mistakes)")
    }
    for (yaml, key, remedy) in [
      ("scale: 4,", "layout.input.scale", "a multiple of input.block, 4")
    ] {
      let whole = PanelCase(encoding: "binary").yaml
      let text = whole.replacingOccurrences(of: yaml, with: "scale: 6,")
      #expect(text != whole)
      let error = #expect(throws: ReadingError.self) { try BenchFile(yaml: text, path: "b.yaml", drivers: .standard) }
      #expect("\(String(describing: error))".contains(key) && "\(String(describing: error))".contains(remedy))
    }
  }

  @Test("an image on the layer modulator must leave the layers alone, in the file and on the bench")
  func coveredLayer() throws {
    let separate = PanelCase().yaml.replacingOccurrences(of: "inputModulator: {driver: simulated}, ", with: "")
    let shared = separate.replacingOccurrences(of: "fullLevel: 255}", with: "fullLevel: 255, onLayerModulator: true}")
    #expect(shared != separate)
    let error = #expect(throws: ReadingError.self) { try BenchFile(yaml: shared, path: "b.yaml", drivers: .standard) }
    #expect("\(String(describing: error))".contains("layout.input: the image covers pixels of layer 0"))
    var layout = try #require(try PanelCase().file().devices).layout
    layout.input.onLayerModulator = true
    let panel = ModulatorDescription(
      name: "panel", driver: "test", width: 999, height: 999, greyLevels: 256, refreshRate: 60)
    let camera = CameraDescription(
      name: "camera", driver: "test", width: 999, height: 999, bitDepth: 12, frameRate: 60)
    let overlap = #expect(throws: BenchError.self) {
      try layout.validate(layerModulator: panel, inputModulator: panel, camera: camera)
    }
    #expect("\(String(describing: overlap))".contains("it covers 0"))
    layout.input.origin = PanelPoint(x: 500, y: 500)
    try layout.validate(layerModulator: panel, inputModulator: panel, camera: camera)
    layout.input.mirrors = 3
    #expect(throws: BenchError.self) {
      try layout.validate(layerModulator: panel, inputModulator: panel, camera: camera)
    }
  }

  @Test("a file without numbers of levels gives its twin those of its panels")
  func derived() throws {
    let few = try PanelCase(fullLevel: 63, greyLevels: 64, levelsPerTurn: 17).file().twin
    #expect(few.input.levels == 64 && few.modulator.levels == 17)
    let stated = try PanelCase(levels: 4, fullLevel: 63, greyLevels: 64, phases: 8, levelsPerTurn: 128).file().twin
    #expect(stated.input.levels == 4 && stated.modulator.levels == 8)
    let many = try PanelCase().file().twin
    #expect(many.input.levels == nil && many.modulator.levels == nil)
    #expect(try PanelCase(encoding: "binary", fullLevel: 1, greyLevels: 2).file().twin.input.levels == nil)
  }

  @Test("layers go to the nearest phase that is shown, and a turn is none", arguments: [2, 3, 4, 16, 217, 256])
  func layers(levels: Int) throws {
    for phases in [levels, levels % 2 == 0 ? levels / 2 : 1].filter({ $0 > 1 }) {
      let test = PanelCase(phases: phases, levelsPerTurn: levels)
      let layout = try #require(try test.file().devices).layout
      let count = test.grid * test.grid
      let angles = (0..<count).map { Float($0) / Float(count) * 4 * .pi - 2 * .pi }
      var pattern = Pattern(width: 1 + test.grid + 4, height: test.grid + 4)
      PatternEncoder(layout: layout).draw(
        layers: Stack(count: 1, height: test.grid, width: test.grid, values: angles), on: &pattern)
      let optics = NominalOptics(
        kind: .planes, wavelength: 850e-9, pitch: 18.4e-6, grid: test.grid, layers: 1, distance: 5e-3,
        imageSize: test.size, imageBlock: test.block)
      let shown = PanelSurface(
        grid: PlantGrid(grid: test.grid, canvas: test.grid, sampling: 1, pitch: 18.4e-6), layout: layout, optics: optics
      ).layers(pattern)[0]
      for (angle, light) in zip(angles, shown) {
        let step = 2 * Double.pi / Double(phases)
        let found = atan2(light.y, light.x)
        // One of the phases, and none is nearer.
        #expect(abs(remainder(found, step)) < 1e-9)
        #expect(abs(remainder(found - Double(angle), 2 * .pi)) <= step / 2 * (1 + 1e-5))
      }
    }
  }
}
