import Arrays
import Optics
import Testing
import Training
import Twin

@Suite struct ReadoutGradientTests {
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let readout: any Readout
  }

  private static let random = CounterRandom(seed: 5)

  /// Non-negative intensities of a bright, patterned detector.
  private static let intensities = Stack<Double>(
    count: 4, height: 5, width: 6,
    values: (0..<120).map { 2 + Double($0 % 30) / 10 + random.uniform(at: UInt64($0)) })

  /// Every kind that a recipe can name, away from its start; the batch-normalised one with fixed statistics as well.
  static let cases: [Case] = {
    var cases = ReadoutCatalogue.standard.members.map { kind in
      var readout = kind.make(intensities.planeSize)
      // Multiples of 2⁻¹², so that the steps below are exact.
      readout.parameters = readout.parameters.indices.map {
        Float((0.5 + random.uniform(at: UInt64(1000 + $0))) * 4096).rounded() / 4096
      }
      return Case(description: kind.name, readout: readout)
    }
    var frozen = BatchNormalisedReadout(pixels: intensities.planeSize)
    frozen.parameters = frozen.parameters.indices.map { Float(1 + $0 % 7) / 8 }
    cases.append(
      Case(
        description: "fixed statistics",
        readout: frozen.freezing(on: intensities.planes(0..<3).converted(to: Float.self))))
    return cases
  }()

  /// Σ(F − T)²/2.
  private func loss(_ readout: any Readout, _ intensities: Stack<Double>) -> Double {
    differences(readout.forward(intensities).output).values.reduce(0) { $0 + $1 * $1 / 2 }
  }

  /// F − T.
  private func differences(_ output: Stack<Double>) -> Stack<Double> {
    var result = output
    for index in result.values.indices { result.values[index] -= Self.random.normal(at: UInt64(5000 + index)) }
    return result
  }

  private func pulled(_ readout: any Readout) -> (intensities: Stack<Double>, parameters: [Double]) {
    let pass = readout.forward(Self.intensities)
    return pass.pullback(differences(pass.output))
  }

  @Test("the derivative by every intensity agrees with central differences to 1e-6", arguments: cases)
  func intensityGradient(test: Case) {
    let slope = pulled(test.readout).intensities
    let largest = slope.values.map { abs($0) }.max() ?? 0
    #expect(largest > 0)
    for index in Self.intensities.values.indices {
      func moved(_ step: Double) -> Double {
        var moved = Self.intensities
        moved.values[index] += step
        return loss(test.readout, moved)
      }
      let difference = (moved(1e-4) - moved(-1e-4)) / 2e-4
      #expect(abs(slope.values[index] - difference) < 1e-6 * largest)
    }
  }

  @Test("the derivative by every parameter agrees with central differences to 1e-6", arguments: cases)
  func parameterGradient(test: Case) {
    let slope = pulled(test.readout).parameters
    #expect(slope.count == test.readout.parameters.count)
    let largest = slope.map { abs($0) }.max() ?? 0
    for index in slope.indices {
      func moved(_ step: Float) -> Double {
        var moved = test.readout
        moved.parameters[index] += step
        return loss(moved, Self.intensities)
      }
      let step: Float = 0x1p-10
      let difference = (moved(step) - moved(-step)) / Double(2 * step)
      #expect(abs(slope[index] - difference) < 1e-6 * largest)
    }
  }

  @Test("float32 agrees with float64 to 1e-4", arguments: cases)
  func precision(test: Case) {
    let exact = test.readout.forward(Self.intensities)
    let single = test.readout.forward(Self.intensities.converted(to: Float.self))
    for (x, y) in zip(exact.output.values, single.output.values) { #expect(abs(x - Double(y)) < 1e-4) }
    let gradient = differences(exact.output)
    let (expected, found) = (exact.pullback(gradient), single.pullback(gradient.converted(to: Float.self)))
    let largest = expected.intensities.values.map { abs($0) }.max() ?? 0
    for (x, y) in zip(expected.intensities.values, found.intensities.values) {
      #expect(abs(x - Double(y)) < 1e-4 * largest)
    }
  }
}
