import Arrays
import Numerics
import Optics
import Testing
import Twin

/// A detector with a plane to look at.
struct DetectorBench<Scalar: OpticsScalar> {
  var grid = 32
  var sampling = 1
  var description = DetectorDescription(block: 1)
  var variables = DetectorVariables.neutral

  var side: Int { grid * sampling }
  var pitch: Double { 8e-6 }
  var step: Double { pitch / Double(sampling) }
  var geometry: GeometryDescription {
    GeometryDescription(
      kind: .planes, wavelength: 850e-9, pitch: pitch, grid: grid, layers: 1, distance: 1e-2, sampling: sampling)
  }
  /// Index of the plane's origin: the middle of grid sample ⌊grid/2⌋.
  var origin: Double { Double(grid / 2 * sampling) + Double(sampling - 1) / 2 }

  func detector() throws -> Detector<Scalar> {
    try Detector(description, variables: variables, block: nil, geometry: geometry)
  }

  func detect(_ intensity: [Scalar]) throws -> [Scalar] {
    let detector = try detector()
    var samples = [Scalar](repeating: .nan, count: detector.count)
    detector.detect(intensity, into: &samples, detector.makeWorkspace())
    return samples
  }

  func adjoint(_ gradient: [Scalar], intensity: [Scalar]) throws -> (weights: [Scalar], variables: [Double]) {
    let detector = try detector()
    var weights = [Scalar](repeating: .nan, count: side * side)
    var variables = [Double](repeating: 0, count: DetectorVariables.Index.allCases.count)
    detector.adjoint(
      gradient, intensity: intensity, into: &weights, variables: &variables, detector.makeWorkspace())
    return (weights, variables)
  }

  /// Values at every sample, given metres from the origin.
  func plane(_ value: (Double, Double) -> Double) -> [Scalar] {
    (0..<side * side).map { index in
      Scalar(value((Double(index % side) - origin) * step, (Double(index / side) - origin) * step))
    }
  }

  /// Several soft spots, different everywhere, dark towards the rim.
  var spots: [Scalar] {
    let width = step * Double(side)
    return plane { x, y in
      (0..<5).reduce(0.0) { sum, spot in
        let (cx, cy) = ([0.1, -0.2, 0.05, 0.22, -0.12][spot] * width, [-0.15, 0.1, 0.2, 0.02, -0.2][spot] * width)
        let radius = [0.09, 0.07, 0.1, 0.06, 0.08][spot] * width
        return sum + Double.exp(-((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (2 * radius * radius))
      }
    }
  }
}

/// The mean over blocks, sample by sample.
private func blockMeans(_ plane: [Double], side: Int, x: Int, y: Int, width: Int, height: Int, block: Int) -> [Double] {
  (0..<width * height).map { index in
    var sum = 0.0
    for line in 0..<block {
      for column in 0..<block {
        sum += plane[(y + index / width * block + line) * side + x + index % width * block + column]
      }
    }
    return sum / Double(block * block)
  }
}

func largestDifference(_ one: [Double], _ other: [Double]) -> Double {
  zip(one, other).map { abs($0 - $1) }.max() ?? .infinity
}

@Suite struct DetectorTests {
  let random = CounterRandom(seed: 11)

  @Test("a neutral detector is the mean over blocks of its region, in both precisions", arguments: [1, 2, 3])
  func neutral(sampling: Int) throws {
    var bench = DetectorBench<Double>(grid: 24, sampling: sampling)
    bench.description = DetectorDescription(block: 3, region: Region(x: 3, y: 6, width: 18, height: 12))
    let plane = (0..<bench.side * bench.side).map { random.uniform(at: UInt64($0)) }
    let expected = blockMeans(
      plane, side: bench.side, x: 3 * sampling, y: 6 * sampling, width: 6, height: 4, block: 3 * sampling)
    #expect(largestDifference(try bench.detect(plane), expected) < 1e-14)

    var single = DetectorBench<Float>(grid: 24, sampling: sampling)
    single.description = bench.description
    let found = try single.detect(plane.map { Float($0) }).map { Double($0) }
    #expect(largestDifference(found, expected) < 1e-6)
  }

  @Test("the transposed block mean gives every sample of a block its share and nothing outside the region")
  func neutralAdjoint() throws {
    var bench = DetectorBench<Double>(grid: 12, sampling: 2)
    bench.description = DetectorDescription(block: 2, region: Region(x: 2, y: 4, width: 8, height: 6))
    let gradient = (0..<12).map { Double($0 + 1) }
    let weights = try bench.adjoint(gradient, intensity: bench.spots).weights
    for y in 0..<24 {
      for x in 0..<24 {
        let inside = (4..<20).contains(x) && (8..<20).contains(y)
        let expected = inside ? gradient[(y - 8) / 4 * 4 + (x - 4) / 4] / 16 : 0
        #expect(weights[y * 24 + x] == expected)
      }
    }
  }

  @Test("a block that the caller chooses replaces the description's; one that does not divide the region is refused")
  func chosenBlock() throws {
    let bench = DetectorBench<Double>(grid: 32)
    let detector = try Detector<Double>(bench.description, block: 8, geometry: bench.geometry)
    #expect((detector.height, detector.width, detector.count) == (4, 4, 16))
    #expect(throws: TwinError.self) { try Detector<Double>(bench.description, block: 5, geometry: bench.geometry) }
  }

  @Test("blurring a Gaussian spot adds the variances", arguments: [0.3, 1.0, 2.5])
  func pointSpread(samples: Double) throws {
    var bench = DetectorBench<Double>(grid: 64, sampling: 1)
    let radius = 4 * bench.step
    bench.variables.pointSpread = samples * bench.step
    func gaussian(_ variance: Double) -> [Double] {
      bench.plane { x, y in Double.exp(-(x * x + y * y) / (2 * variance)) / variance }
    }
    let found = try bench.detect(gaussian(radius * radius))
    let expected = gaussian(radius * radius + bench.variables.pointSpread * bench.variables.pointSpread)
    // The discrete Gaussian has the exact variance t and the fourth cumulant t, which lowers the peak by t/4V², V the
    // sum of the variances in samples.
    let sum = samples * samples + 16
    let bound = 1.05 * samples * samples / (4 * sum * sum)
    #expect(largestDifference(found, expected) < bound * (expected.max() ?? 0))
    func variance(_ plane: [Double]) -> Double {
      let moment = zip(plane, bench.plane { x, _ in x * x }).reduce(0) { $0 + $1.0 * $1.1 }
      return moment / plane.reduce(0, +)
    }
    #expect(abs(variance(found) / variance(expected) - 1) < 1e-9)
    let energies: (Double, Double) = (found.reduce(0, +), expected.reduce(0, +))
    #expect(abs(energies.0 / energies.1 - 1) < 1e-9)
  }

  @Test("two blurs after each other are one with the sum of the variances, exactly", arguments: [1, 2.5])
  func pointSpreadsAdd(factor: Double) throws {
    var bench = DetectorBench<Double>(grid: 48)
    let point = bench.plane { x, y in x == 0 && y == 0 ? 1 : 0 }
    bench.variables.pointSpread = 0.6 * factor * bench.step
    let once = try bench.detect(point)
    bench.variables.pointSpread = 0.8 * factor * bench.step
    let twice = try bench.detect(once)
    bench.variables.pointSpread = factor * bench.step
    #expect(largestDifference(twice, try bench.detect(point)) < 1e-14)
  }

  @Test("the middle of a blurred point is (e^(−t) I₀(t))²")
  func pointSpreadAgainstBessel() throws {
    var bench = DetectorBench<Double>(grid: 64)
    let point = bench.plane { x, y in x == 0 && y == 0 ? 1 : 0 }
    func middle(_ samples: Double) throws -> Double {
      bench.variables.pointSpread = samples * bench.step
      return try bench.detect(point)[32 * 64 + 32].squareRoot()
    }
    // The power series Σ (t²/4)ᵏ/k!², and the expansion for a large argument: Abramowitz & Stegun, 9.6.12 and 9.7.1.
    let small = 1 + 1.0 / 4 + 1.0 / 64 + 1.0 / 2304 + 1.0 / 147_456 + 1.0 / 14_745_600 + 1.0 / 2_123_366_400
    #expect(abs(try middle(1) - small / Double.exp(1)) < 1e-11)
    let t = 256.0
    let series = 1 + 1 / (8 * t) + 9 / (2 * (8 * t) * (8 * t)) + 225 / (6 * (8 * t) * (8 * t) * (8 * t))
    #expect(abs(try middle(16) * (2 * .pi * t).squareRoot() / series - 1) < 1e-10)
  }

  @Test("gain, exposure and power multiply, the offset adds")
  func electronics() throws {
    var bench = DetectorBench<Double>(grid: 16)
    bench.description.block = 2
    let plane = bench.spots
    let means = try bench.detect(plane)
    bench.variables.gain = 1.5
    bench.variables.exposure = 0.25
    bench.variables.power = 3
    bench.variables.offset = -0.1
    #expect(largestDifference(try bench.detect(plane), means.map { 1.5 * 0.25 * 3 * $0 - 0.1 }) < 1e-14)
  }

  @Test("a sample clips at saturation, and a clipped one has no derivative")
  func saturation() throws {
    var bench = DetectorBench<Double>(grid: 4)
    bench.description.saturation = 1
    bench.variables.gain = 2
    let plane = (0..<16).map { Double($0) / 15 }
    let expected = plane.map { min(2 * $0, 1) }
    #expect(largestDifference(try bench.detect(plane), expected) < 1e-15)
    let (weights, variables) = try bench.adjoint([Double](repeating: 1, count: 16), intensity: plane)
    #expect(weights == plane.map { 2 * $0 <= 1 ? 2 : 0 })
    let follow = plane.filter { 2 * $0 <= 1 }
    let sum: Double = follow.reduce(0, +)
    #expect(abs(variables[DetectorVariables.Index.gain.rawValue] - sum) < 1e-14)
    #expect(variables[DetectorVariables.Index.offset.rawValue] == Double(follow.count))
  }

  @Test("the converter rounds to the nearest code between 0 and full scale, and gradients pass straight through")
  func converter() throws {
    var bench = DetectorBench<Double>(grid: 8)
    bench.description.bits = 3
    bench.description.fullScale = 1.4
    bench.variables.offset = -0.2
    let plane = (0..<64).map { 2 * Double($0) / 63 }
    let samples = try bench.detect(plane)
    let (weights, _) = try bench.adjoint([Double](repeating: 1, count: 64), intensity: plane)
    for (value, (sample, weight)) in zip(plane.map { $0 - 0.2 }, zip(samples, weights)) {
      let nearest = (0..<8).map { 0.2 * Double($0) }.min { abs($0 - value) < abs($1 - value) }
      #expect(abs(sample - (nearest ?? .nan)) < 1e-14, "\(value)")
      #expect(weight == (value >= 0 && value <= 1.4 ? 1 : 0), "\(value)")
    }
    #expect(Set(samples.map { ($0 / 0.2).rounded() }).count == 8)
  }

  @Test("impossible electronics are refused with what to change")
  func badElectronics() {
    func refusal(_ description: DetectorDescription, _ variables: DetectorVariables = .neutral) -> String {
      var bench = DetectorBench<Double>(description: description, variables: variables)
      bench.grid = 8
      do {
        _ = try bench.detector()
        return ""
      } catch { return "\(error)" }
    }
    #expect(refusal(DetectorDescription(block: 1, bits: 12)).contains("fullScale"))
    #expect(refusal(DetectorDescription(block: 1, bits: 0, fullScale: 1)).contains("bits"))
    #expect(refusal(DetectorDescription(block: 1, saturation: -1)).contains("saturates"))
    #expect(refusal(DetectorDescription(block: 3)).contains("divide"))
    for index in DetectorVariables.Index.allCases {
      var variables = DetectorVariables.neutral
      variables[index] = .nan
      #expect(refusal(DetectorDescription(block: 1), variables).contains("\(index)"))
    }
    var variables = DetectorVariables.neutral
    variables.pointSpread = 1
    #expect(refusal(DetectorDescription(block: 1), variables).contains("wider than the plane"))
    variables.pointSpread = -1e-6
    #expect(refusal(DetectorDescription(block: 1), variables).contains("0 or more"))
  }
}
