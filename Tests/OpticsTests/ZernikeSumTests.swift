import Arrays
import Optics
import Testing

@Suite struct ZernikeSumTests {
  @Test("a gathered sum of Zernike polynomials is the sum of their values, inside the disc and beyond")
  func sum() {
    let random = CounterRandom(seed: 1)
    let coefficients = Dictionary(uniqueKeysWithValues: (1...22).map { ($0, random.normal(at: UInt64($0))) })
    let sum = ZernikeSum(coefficients)
    for index in 0..<50 {
      let x = random.uniform(in: -1.5...1.5, at: UInt64(100 + index))
      let y = random.uniform(in: -1.5...1.5, at: UInt64(200 + index))
      let expected = coefficients.reduce(0) { $0 + $1.value * Zernike.value(noll: $1.key, x: x, y: y) }
      #expect(abs(sum.value(x: x, y: y) - expected) < 1e-10 * max(1, abs(expected)))
    }
    #expect(ZernikeSum([:]).value(x: 0.3, y: 0.4) == 0)
  }
}
