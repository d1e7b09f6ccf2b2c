import Simulated
import Testing

/// The plant's own spline against closed forms.
@Suite struct LightMapTests {
  /// Coefficients c(x, y) of n × n, and the values of the spline at the centres of 9 × 9 squares, against what they should be in
  /// intervals from the edge.
  private func error(
    _ n: Int, _ coefficient: (Double, Double) -> Double, _ expected: (Double, Double) -> Double
  ) -> Double {
    let coefficients = (0..<n * n).map { coefficient(Double($0 % n), Double($0 / n)) }
    let values = LightMap(phase: coefficients, logAmplitude: coefficients.map { -$0 }).values(9)
    #expect(values.logAmplitude == values.phase.map { -$0 })
    return values.phase.indices.map { index in
      let place = { (sample: Int) in (Double(sample) + 0.5) / 9 * Double(n - 3) }
      return abs(values.phase[index] - expected(place(index % 9), place(index / 9)))
    }.max() ?? 1
  }

  @Test("polynomials that cubic splines tell exactly come out exactly", arguments: [4, 5, 11])
  func polynomials(n: Int) {
    #expect(error(n, { _, _ in 0.7 }, { _, _ in 0.7 }) < 1e-14)
    // Σ i·B(t − i) = t + 1 and Σ i²·B(t − i) = (t + 1)² + 1/3 for the spline of the first interval's numbering.
    #expect(error(n, { x, y in x - 2 * y }, { x, y in (x + 1) - 2 * (y + 1) }) < 1e-12)
    #expect(error(n, { x, y in x * x * y }, { x, y in ((x + 1) * (x + 1) + 1.0 / 3) * (y + 1) }) < 1e-11)
  }
}
