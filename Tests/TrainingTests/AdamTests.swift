import Testing
import Training

@Suite struct AdamTests {
  /// Adam as its authors print it, for one number in float64.
  private struct Textbook {
    var m = 0.0
    var v = 0.0
    var t = 0

    mutating func step(_ value: Double, _ g: Double, rate: Double, beta1: Double, beta2: Double) -> Double {
      t += 1
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      func power(_ base: Double) -> Double { (0..<t).reduce(1) { result, _ in result * base } }
      let (corrected, square) = (m / (1 - power(beta1)), v / (1 - power(beta2)))
      return value - rate * corrected / (square.squareRoot() + 1e-8)
    }
  }

  @Test("Adam moves every value as the textbook says", arguments: [(0.9, 0.999), (0.9, 0.99), (0.5, 0.9)])
  func textbook(beta1: Double, beta2: Double) {
    let start = [1.0, -2, 0.3, 4, 5, -6, 0.7]
    var (values, references) = (start, start)
    var (adam, textbooks) = (
      Adam<Double>(count: 7, beta1: beta1, beta2: beta2), [Textbook](repeating: .init(), count: 7)
    )
    for step in 0..<50 {
      let rate = 0.1 / Double(step + 1)
      let gradient = values.enumerated().map { index, value in value * Double(index + 1) - 0.5 * Double(step % 3) }
      adam.step(&values, gradient: gradient, rate: rate)
      for index in 0..<7 {
        references[index] = textbooks[index].step(
          references[index], gradient[index], rate: rate, beta1: beta1, beta2: beta2)
        #expect(abs(values[index] - references[index]) < 1e-12)
      }
    }
    #expect(adam.steps == 50)
    #expect(values != start)
  }

  @Test("Adam in float32 follows Adam in float64")
  func precisions() {
    var (single, double) = ([Float](repeating: 1, count: 37), [Double](repeating: 1, count: 37))
    var (singleAdam, doubleAdam) = (Adam<Float>(count: 37), Adam<Double>(count: 37))
    for step in 0..<20 {
      let gradient = (0..<37).map { Double(($0 * 7 + step * 3) % 11) / 11 - 0.4 }
      singleAdam.step(&single, gradient: gradient.map { Float($0) }, rate: 0.01)
      doubleAdam.step(&double, gradient: gradient, rate: 0.01)
    }
    for (a, b) in zip(single, double) { #expect(abs(Double(a) - b) < 1e-5) }
  }

  @Test("a zero gradient moves nothing")
  func zeroGradient() {
    var values: [Float] = [1, 2, 3]
    var adam = Adam<Float>(count: 3)
    adam.step(&values, gradient: [0, 0, 0], rate: 1)
    #expect(values == [1, 2, 3])
  }

  @Test("the cosine rate rises linearly to its peak and falls along a cosine to its final part")
  func cosineRate() {
    let rate = CosineRate(peak: 2, warmUp: 4, final: 0.1)
    #expect((0..<4).map { rate($0, of: 24) } == [0.5, 1, 1.5, 2])
    #expect(rate(4, of: 24) == 2)
    #expect(abs(rate(14, of: 24) - 1.1) < 1e-12)
    #expect(abs(rate(24, of: 24) - 0.2) < 1e-12)
    #expect(abs(rate(1000, of: 24) - 0.2) < 1e-12)
    #expect(CosineRate(peak: 1)(0, of: 0) == 1)
  }
}
