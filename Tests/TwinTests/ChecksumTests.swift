import Arrays
import Optics
import Testing
import Training
import Twin

/// Numbers of an independent implementation (PyTorch) of the same twin.
@Suite struct ChecksumTests {
  private static let side = 128
  private static let layers = 4

  private static func random(_ seed: UInt64, _ index: Int) -> Double {
    var z = (seed << 32 &+ UInt64(index)) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 40) * 0x1p-24
  }

  private static func stack<Scalar>(_ seed: UInt64, _ count: Int, _ side: Int, scale: Double = 1) -> Stack<Scalar> {
    Stack(
      count: count, height: side, width: side,
      values: (0..<count * side * side).map { Scalar(scale * random(seed, $0)) })
  }

  private struct Problem<Scalar: OpticsScalar> {
    let twin: Twin<Scalar>
    let phases: Stack<Scalar> = stack(3, layers, side, scale: .pi)
    let images: Stack<Scalar> = stack(1, 4, 20)
    let targets: Stack<Scalar>

    init(padding: Double) throws {
      let description = TwinDescription(
        geometry: GeometryDescription(
          kind: .planes, wavelength: 850e-9, pitch: 8e-6, grid: side, layers: layers, distance: 0.02, padding: padding),
        input: InputDescription(size: 20, block: 4), detector: DetectorDescription(block: 1))
      twin = try Twin(description)
      let small: Stack<Scalar> = stack(2, 4, 20)
      var targets = Stack<Scalar>(count: 4, height: side, width: side)
      for plane in 0..<4 {
        for y in 0..<80 {
          for x in 0..<80 { targets[plane, 24 + y, 24 + x] = small[plane, y / 4, x / 4] }
        }
      }
      self.targets = targets
    }

    func evaluate(_ phases: Stack<Scalar>) throws -> (loss: Double, gradient: Stack<Scalar>, intensities: Stack<Scalar>)
    {
      let tape = try twin.record(layers: phases, inputs: images)
      let (loss, slope) = meanSquare(tape.intensities, targets)
      return (loss, try twin.gradient(tape, intensityGradient: slope).layers, tape.intensities)
    }
  }

  private static func sums<Scalar>(_ gradient: Stack<Scalar>) -> (absolute: Double, weighted: Double) {
    gradient.values.enumerated().reduce(into: (0, 0)) { sums, item in
      sums.0 += abs(Double(item.element))
      sums.1 += Double(item.element) * (random(4, item.offset) - 0.5)
    }
  }

  @Test("float64 without padding reproduces the independent twin's loss, gradient and three Adam steps")
  func double() throws {
    let problem = try Problem<Double>(padding: 1)
    let first = try problem.evaluate(problem.phases)
    #expect(abs(first.loss / 0.12538421170933597 - 1) < 1e-12)
    let sums = Self.sums(first.gradient)
    #expect(abs(sums.absolute / 0.038676203973 - 1) < 1e-10)
    #expect(abs(sums.weighted / 3.0356096426e-5 - 1) < 1e-9)
    // One dark sample shows the rounding of 5 transfer functions, whose phases are differences of 10⁵ radians.
    #expect(abs(first.intensities[0, 64, 64] / 0.0018554967909 - 1) < 1e-9)

    var phases = problem.phases
    var adam = Adam<Double>(count: phases.values.count, beta2: 0.999)
    for expected in [0.12538421171, 0.12499487013, 0.12458774810] {
      let (loss, gradient, _) = try problem.evaluate(phases)
      #expect(abs(loss - expected) < 1e-11)
      adam.step(&phases.values, gradient: gradient.values, rate: 0.01)
    }
  }

  @Test("float32 with padding 2 reproduces the independent twin's loss and gradient")
  func float() throws {
    let problem = try Problem<Float>(padding: 2)
    let first = try problem.evaluate(problem.phases)
    #expect(abs(first.loss / 0.12778927386 - 1) < 1e-6)
    let sums = Self.sums(first.gradient)
    #expect(abs(sums.absolute / 0.02600196025 - 1) < 5e-6)
    #expect(abs(sums.weighted / 7.034928e-5 - 1) < 1e-4)
  }
}
