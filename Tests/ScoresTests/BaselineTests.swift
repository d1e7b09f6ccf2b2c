import Arrays
import Diffusion
import Scores
import Testing

@Suite struct BaselineTests {
  /// Images of two independent pixels of variance 4 and 1 about (1, -1), in exact balance.
  static let balanced = Stack<Float>(count: 4, height: 1, width: 2, values: [3, 0, 3, -2, -1, 0, -1, -2])

  @Test("independent pixels have the scalar Wiener filter and its error")
  func scalarWiener() throws {
    let baseline = try GaussianBaseline(Self.balanced)
    #expect(baseline.mean == [1, -1] && baseline.variance == [4, 1])
    #expect(abs(baseline.meanImageError - 2.5) < 1e-12)
    for alphaBar in [0.9, 0.5, 0.01] {
      let expected = [4.0, 1].reduce(0) { $0 + (1 - alphaBar) * $1 / (alphaBar * $1 + 1 - alphaBar) / 2 }
      #expect(abs(baseline.wienerError(alphaBar: alphaBar) - expected) < 1e-12)
    }
    let x = Stack<Double>(count: 1, height: 1, width: 2, values: [2, 2])
    let estimate = baseline.wienerEstimate(x, alphaBar: 0.25)
    let expected = [1 + 0.5 * 4 / (0.25 * 4 + 0.75) * (2 - 0.5), -1 + 0.5 * 1 / (0.25 + 0.75) * (2 + 0.5)]
    #expect(zip(estimate.values, expected).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("the error on scored images is that of the filter applied to them")
  func scoredError() throws {
    let scored = Stack<Float>(count: 2, height: 1, width: 2, values: [2, 1, 0, 0.5])
    let baseline = try GaussianBaseline(Self.balanced, scored: scored)
    let alphaBar = 0.3
    var values = [Double](repeating: 0, count: 400_000)
    CounterRandom(seed: 2).fillNormal(into: &values)
    let clean = values.indices.map { Double(scored.values[$0 % 4]) }
    let noisy = zip(clean, values).map { alphaBar.squareRoot() * $0 + (1 - alphaBar).squareRoot() * $1 }
    let estimate = baseline.wienerEstimate(
      Stack(count: 200_000, height: 1, width: 2, values: noisy), alphaBar: alphaBar)
    let measured = zip(estimate.values, clean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 400_000
    #expect(abs(baseline.wienerError(alphaBar: alphaBar) / measured - 1) < 0.01)
  }

  @Test("too few, non-finite and unequal images are refused")
  func refusals() {
    let one = Stack<Float>(count: 1, height: 1, width: 2)
    let hole = Stack<Float>(count: 2, height: 1, width: 2, values: [0, .nan, 0, 0])
    let other = Stack<Float>(count: 2, height: 2, width: 1)
    #expect(throws: ScoresError.self) { try GaussianBaseline(one) }
    #expect(throws: ScoresError.self) { try GaussianBaseline(hole) }
    #expect(throws: ScoresError.self) { try GaussianBaseline(Self.balanced, scored: other) }
  }

  @Test("the energy model gives the paper's numbers and names the one that does not follow")
  func energy() {
    let model = EnergyModel()
    func near(_ value: Double, _ expected: Double, _ tolerance: Double) -> Bool { abs(value - expected) < tolerance }
    #expect(near(model.modulatorEnergyPerPixel, 24.00e-9, 0.005e-9))
    #expect(near(model.cameraEnergyPerPixel, 14.37e-9, 0.005e-9))
    #expect(near(model.projectedEnergyPerImage, 15.35e-3, 0.005e-3))
    #expect(near(model.laboratoryEnergyPerImage, 0.2304, 0.00005))
    #expect(near(model.laboratoryImageRate, 23.0, 1e-9))
    #expect(near(model.fullyConnected.energyPerImage, 1.744, 0.0005))
    #expect(near(model.fullyConnected.imageRate, 41.29, 0.005))
    #expect(near(model.uNet.imageRate, 13.91, 0.005))
    #expect(near(model.uNet.energyPerImage, 5.175, 0.0005))
    #expect(near(model.photonsPerPixel, 2.9927e5, 5))
    #expect(near(model.opticalEnergyPerPixel, 0.06994e-12, 0.000005e-12))
    #expect(model.uNet.isInconsistent && !model.fullyConnected.isInconsistent)
    #expect(model.inconsistencies.count == 1 && model.inconsistencies[0].contains("5.175"))
  }

  @Test("every assumption of the energy model reaches its result")
  func assumptions() {
    var model = EnergyModel()
    model.stepsPerImage = 50
    #expect(abs(model.projectedEnergyPerImage * 20 - EnergyModel().projectedEnergyPerImage) < 1e-12)
    #expect(abs(model.laboratoryImageRate - 460) < 1e-9)
    model.detectorBits = 9
    #expect(model.photonsPerPixel > 3.9 * EnergyModel().photonsPerPixel)
  }
}
