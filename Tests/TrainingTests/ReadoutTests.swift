import Arrays
import Testing
import Training
import Twin

@Suite struct ReadoutTests {
  /// Non-negative intensities of a bright, patterned detector.
  private let intensities: Stack<Float> = {
    let random = CounterRandom(seed: 1)
    return Stack(
      count: 4, height: 5, width: 6,
      values: (0..<120).map { Float(2 + Double($0 % 30) / 10 + random.uniform(at: UInt64($0))) })
  }()
  private let targets = Stack<Float>.signed(4, 5, 6, seed: 2)

  private func statistics(_ values: ArraySlice<Float>) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    return (mean, variance.squareRoot())
  }

  @Test("z-scored intensities are signed, of mean 0 and deviation 1, image by image")
  func zScore() {
    let output = ZScoreReadout().forward(intensities).output
    for plane in 0..<output.count {
      let found = statistics(output.values[output.range(ofPlane: plane)])
      #expect(abs(found.mean) < 1e-6 && abs(found.deviation - 1) < 1e-6)
      #expect(output.values[output.range(ofPlane: plane)].contains { $0 < 0 })
    }
  }

  @Test("the z-score does not depend on the detector's gain and offset", arguments: [(0.01, 0), (250, 30), (3, -5)])
  func invariance(gain: Double, offset: Double) {
    var scaled = intensities
    for index in scaled.values.indices { scaled.values[index] = Float(gain) * scaled.values[index] + Float(offset) }
    let (a, b) = (ZScoreReadout().forward(intensities).output, ZScoreReadout().forward(scaled).output)
    for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-4) }
  }

  @Test("the error of two z-scored images is 2(1 − ρ), and 1 − ρ² with the best gain")
  func zScoreError() {
    let output = ZScoreReadout().forward(intensities).output
    let noise = ZScoreReadout().forward(targets).output
    for plane in 0..<output.count {
      let range = output.range(ofPlane: plane)
      let (a, b) = (output.values[range].map { Double($0) }, noise.values[range].map { Double($0) })
      func mean(_ value: (Double, Double) -> Double) -> Double { zip(a, b).reduce(0) { $0 + value($1.0, $1.1) } / 30 }
      // ρ from the raw numbers, not from the readout.
      let (x, y) = (intensities.values[range], targets.values[range])
      let (sx, sy) = (statistics(x), statistics(y))
      let rho =
        zip(x, y).reduce(0) { $0 + (Double($1.0) - sx.mean) * (Double($1.1) - sy.mean) } / 30 / sx.deviation
        / sy.deviation
      #expect(abs(mean { ($0 - $1) * ($0 - $1) } - 2 * (1 - rho)) < 1e-5)
      let gain = mean { $0 * $1 } / mean { u, _ in u * u }
      #expect(abs(mean { (gain * $0 - $1) * (gain * $0 - $1) } - (1 - rho * rho)) < 1e-5)
    }
  }

  @Test("the affine readout is gain times z-score plus bias, with both as parameters")
  func affine() {
    var readout = ZScoreReadout(isAffine: true)
    #expect(readout.parameters == [1, 0])
    readout.parameters = [0.5, -2]
    let (plain, affine) = (ZScoreReadout().forward(intensities).output, readout.forward(intensities).output)
    for (x, y) in zip(plain.values, affine.values) { #expect(abs(0.5 * x - 2 - y) < 1e-6) }
    #expect(ZScoreReadout().parameters.isEmpty)
  }

  @Test("the batch-normalised readout is a gain and bias of each pixel's deviation from its mean over the batch")
  func batchNormalised() {
    var readout = BatchNormalisedReadout(pixels: 30)
    readout.gain[7] = 2
    readout.bias[7] = 0.25
    let output = readout.forward(intensities).output
    // Every frame counts in units of its own mean: a laser that flickers changes nothing.
    let powers = (0..<4).map { Float(statistics(intensities.values[intensities.range(ofPlane: $0)]).mean) }
    let relative = intensities.values.indices.map { intensities.values[$0] / powers[$0 / 30] }
    let columns = (0..<30).map { pixel in (0..<4).map { relative[$0 * 30 + pixel] }[...] }
    let scale = columns.reduce(0) { $0 + statistics($1).deviation } / 30
    for pixel in [0, 7, 29] {
      for plane in 0..<4 {
        let value = (Double(relative[plane * 30 + pixel]) - statistics(columns[pixel]).mean) / scale
        let expected = pixel == 7 ? 2 * value + 0.25 : 0.1 * value
        #expect(abs(Double(output.values[plane * 30 + pixel]) - expected) < 1e-5)
      }
    }
  }

  @Test("the batch-normalised readout does not see the light's power, frame by frame")
  func power() {
    var flickering = intensities
    for index in flickering.values.indices { flickering.values[index] *= [1, 1.01, 0.5, 300][index / 30] }
    let readout = BatchNormalisedReadout(pixels: 30)
    let (a, b) = (readout.forward(intensities).output, readout.forward(flickering).output)
    for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-4) }
  }

  @Test("frozen statistics answer every image by itself and as the batch did")
  func frozen() {
    let readout = BatchNormalisedReadout(pixels: 30)
    let frozen = readout.freezing(on: intensities)
    #expect(frozen.forward(intensities).output == readout.forward(intensities).output)
    let single = frozen.forward(intensities.planes(2..<3)).output
    #expect(single == frozen.forward(intensities).output.planes(2..<3))
  }

  @Test("the per-pixel affine readout is a gain and a bias of each pixel's z-score")
  func pixelAffine() {
    var readout = PixelAffineReadout(pixels: 30)
    readout.gain[7] = 2
    readout.bias[7] = 0.25
    let (plain, output) = (ZScoreReadout().forward(intensities).output, readout.forward(intensities).output)
    for (index, value) in plain.values.enumerated() {
      #expect(abs(output.values[index] - (index % 30 == 7 ? 2 * value + 0.25 : value)) < 1e-6)
    }
    #expect(readout.outputShape(height: 6, width: 6) == nil)
  }

  @Test("the differential readout is the contrast of left and right, or of even and odd columns")
  func differential() throws {
    let row = Stack<Float>(count: 1, height: 2, width: 4, values: [3, 1, 1, 0, 2, 0, 6, 0])
    var halves = DifferentialReadout(.halves)
    #expect(halves.forward(row).output.values == [0.5, 1, -0.5, 0], "two dark samples have no contrast")
    #expect(DifferentialReadout(.interleaved).forward(row).output.values == [0.5, 1, 1, 1])
    halves.parameters = [2, -0.25]
    #expect(halves.forward(row).output.values == [0.75, 1.75, -1.25, -0.25])
    let shape = try #require(halves.outputShape(height: 2, width: 4))
    #expect(shape == (2, 2) && halves.forward(row).output.width == 2)
    #expect(halves.outputShape(height: 2, width: 5) == nil)
    let pulled = halves.forward(row).pullback(Stack(count: 1, height: 2, width: 2, values: [0, 0, 0, 1]))
    #expect(pulled.intensities.values.allSatisfy { $0 == 0 }, "the dark samples pull at nothing")
  }

  @Test(
    "the differential readout does not see the power of a frame", arguments: DifferentialReadout.Arrangement.allCases)
  func differentialPower(arrangement: DifferentialReadout.Arrangement) {
    var flickering = intensities
    for index in flickering.values.indices { flickering.values[index] *= [1, 1.01, 0.5, 300][index / 30] }
    let readout = DifferentialReadout(arrangement)
    let (a, b) = (readout.forward(intensities).output, readout.forward(flickering).output)
    for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-5) }
    #expect(a.values.contains { $0 < 0 } && a.values.contains { $0 > 0 })
  }

  @Test(
    "recipes of earlier versions name their readouts as before", arguments: ["zScore", "affine", "batchNormalised"])
  func earlierNames(name: String) {
    #expect(ReadoutCatalogue.standard.names.contains(name))
  }
}

extension Stack {
  fileprivate static func signed(_ count: Int, _ height: Int, _ width: Int, seed: UInt64) -> Stack {
    let random = CounterRandom(seed: seed)
    return Stack(
      count: count, height: height, width: width,
      values: (0..<count * height * width).map { Scalar(random.normal(at: UInt64($0))) })
  }
}
