import Arrays
import Measuring
import Testing

@Suite struct DiscrepancyTests {
  private func row(_ values: [Double]) -> Stack<Double> {
    Stack(count: 1, height: 1, width: values.count, values: values)
  }

  private static func uniform<Scalar: BinaryFloatingPoint & Sendable>(
    _ count: Int, _ side: Int, seed: UInt64, as: Scalar.Type
  ) -> Stack<Scalar> {
    let random = CounterRandom(seed: seed)
    return Stack(
      count: count, height: side, width: side,
      values: (0..<count * side * side).map { Scalar(random.uniform(in: 0.1...1, at: UInt64($0))) })
  }

  @Test("cosine and Pearson discrepancy have the values computed by hand")
  func values() {
    // a·b = 4, |a|² = 5, |b|² = 5; centred: (−1, 0, 1)·(0, 1, −1) = −1, norms² 2 and 2.
    let found = Discrepancy(row([0, 1, 2]), row([1, 2, 0]))
    #expect(abs(found.cosine - (1 - 2.0 / 5)) < 1e-12)
    #expect(abs(found.pearson - (1 + 1.0 / 2)) < 1e-12)
    // Orthogonal frames.
    #expect(abs(Discrepancy(row([1, 0]), row([0, 1])).cosine - 1) < 1e-12)
    #expect(abs(Discrepancy(row([1, 0]), row([0, 1])).pearson - 2) < 1e-12)
  }

  @Test("equal frames differ by nothing, whatever their scale; Pearson overlooks an offset too")
  func invariance() {
    let frame = Self.uniform(3, 7, seed: 1, as: Double.self)
    var scaled = frame
    for index in scaled.values.indices { scaled.values[index] *= 37 }
    let same = Discrepancy(frame, scaled)
    #expect(abs(same.cosine) < 1e-12 && abs(same.pearson) < 1e-12)
    for index in scaled.values.indices { scaled.values[index] += 5 }
    let lifted = Discrepancy(frame, scaled)
    #expect(abs(lifted.pearson) < 1e-12)
    #expect(lifted.cosine > 1e-4)
  }

  @Test("the discrepancy of several frames is the mean over them")
  func mean() {
    let (a, b) = (Self.uniform(2, 6, seed: 2, as: Float.self), Self.uniform(2, 6, seed: 3, as: Float.self))
    let both = Discrepancy(a, b)
    let single = (0..<2).map { Discrepancy(a.planes($0..<$0 + 1), b.planes($0..<$0 + 1)) }
    #expect(abs(both.cosine - (single[0].cosine + single[1].cosine) / 2) < 1e-12)
    #expect(abs(both.pearson - (single[0].pearson + single[1].pearson) / 2) < 1e-12)
    #expect(both.pearson > 0.5)
  }

  @Test("a frame without light or contrast counts as different, not as NaN")
  func dark() {
    let found = Discrepancy(row([0, 0, 0]), row([1, 2, 3]))
    #expect(found.cosine == 1 && found.pearson == 1)
  }
}
