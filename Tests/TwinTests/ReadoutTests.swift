import Arrays
import Testing
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

  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let readout: any Readout
  }

  static let readouts: [Case] = {
    var affine = ZScoreReadout(isAffine: true)
    affine.parameters = [0.7, -0.2]
    var batch = BatchNormalisedReadout(pixels: 30)
    let random = CounterRandom(seed: 5)
    batch.parameters = (0..<60).map { Float(0.5 + random.uniform(at: UInt64($0))) }
    let positive = Stack<Float>(
      count: 8, height: 5, width: 6, values: (0..<240).map { Float(3 + random.uniform(at: UInt64(100 + $0))) })
    let frozen = batch.freezing(on: positive)
    return [
      Case(description: "z-score", readout: ZScoreReadout()), Case(description: "affine", readout: affine),
      Case(description: "batch statistics", readout: batch), Case(description: "frozen statistics", readout: frozen),
    ]
  }()

  /// Σ(F − T)²/2 in float64.
  private func loss(_ readout: any Readout, _ intensities: Stack<Float>) -> Double {
    zip(readout.forward(intensities).output.values, targets.values).reduce(0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) / 2
    }
  }

  @Test("the gradients of every readout agree with central differences", arguments: readouts)
  func gradients(test: Case) {
    let readout = test.readout
    let pass = readout.forward(intensities)
    let (slope, parameterSlope) = readout.backward(pass, pass.output.adding(targets, times: -1))
    // Readouts compute in float32, which limits the differences to about 1e-3.
    let largest = slope.values.map { abs($0) }.max() ?? 0
    for index in intensities.values.indices {
      func moved(_ step: Float) -> Double {
        var moved = intensities
        moved.values[index] += step
        return loss(readout, moved)
      }
      let difference = (moved(0.01) - moved(-0.01)) / 0.02
      #expect(abs(Double(slope.values[index]) - difference) < 2e-3 * Double(largest))
    }
    #expect(parameterSlope.count == readout.parameters.count)
    let largestParameter = parameterSlope.map { abs($0) }.max() ?? 0
    for index in parameterSlope.indices {
      func moved(_ step: Float) -> Double {
        var moved = readout
        moved.parameters[index] += step
        return loss(moved, intensities)
      }
      let difference = (moved(0.01) - moved(-0.01)) / 0.02
      #expect(abs(Double(parameterSlope[index]) - difference) < 2e-3 * Double(largestParameter))
    }
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
