import Arrays
import Numerics
import Optics
import Testing

/// The elementwise kernels against arithmetic on complex numbers, at lengths that fill no vector evenly.
@Suite struct ElementwiseTests {
  private static let count = 37

  private func random<Scalar: OpticsScalar>(_ seed: UInt64, _ count: Int, as type: Scalar.Type) -> [Scalar] {
    let random = CounterRandom(seed: seed)
    return (0..<count).map { Scalar(random.normal(at: UInt64($0))) }
  }

  private func complex<Scalar: OpticsScalar>(_ values: [Scalar]) -> [Complex<Double>] {
    (0..<values.count / 2).map { Complex(Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
  }

  @Test("products and sums of complex planes are those of complex numbers")
  func arithmetic() {
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 1e-15)
  }

  private func check<Scalar: OpticsScalar>(_ type: Scalar.Type, tolerance: Double) {
    let count = Self.count
    let (field, factor) = (random(1, 2 * count, as: type), random(2, 2 * count, as: type))
    let real = random(3, count, as: type)
    let (u, t, w) = (complex(field), complex(factor), real.map { Double($0) })
    var result = field
    result.withUnsafeMutableBufferPointer {
      if let field = $0.baseAddress { Scalar.multiply(field, by: factor, into: field, count: count) }
    }
    #expect(difference(complex(result), zip(u, t).map { $0 * $1 }) < tolerance)
    result = field
    Scalar.multiplyConjugate(&result, by: factor, count: count)
    #expect(difference(complex(result), zip(u, t).map { $0 * $1.conjugate }) < tolerance)
    Scalar.widen(real, into: &result, count: count)
    #expect(complex(result) == w.map { Complex($0, 0) })
    Scalar.weight(field, by: real, scale: 2, into: &result, count: count)
    #expect(difference(complex(result), zip(u, w).map { $0 * Complex(2 * $1, 0) }) < tolerance)
    var sums = real
    Scalar.intensity(of: field, into: &sums, count: count)
    #expect(difference(sums.map { Double($0) }, u.map { $0.lengthSquared }) < tolerance)
    sums = real
    Scalar.addPhaseGradient(adjoint: factor, field: field, to: &sums, count: count)
    let phase = zip(w, zip(u, t)).map { $0 + ($1.0.conjugate * $1.1).imaginary }
    #expect(difference(sums.map { Double($0) }, phase) < tolerance)
    result = field
    Scalar.addGradient(adjoint: factor, field: field, to: &result, count: count)
    #expect(difference(complex(result), zip(u, t).map { $0 + $0.conjugate * $1 }) < tolerance)
  }

  @Test("the phasor is cosine and sine, many turns out as well")
  func phasor() {
    let phases = (0..<2001).map { Float(Double($0 - 1000) * 0.173) }
    var phasor = [Float](repeating: 0, count: 2 * phases.count)
    Float.phasor(of: phases, into: &phasor, count: phases.count)
    for (index, phase) in phases.enumerated() {
      #expect(abs(Double(phasor[2 * index]) - Double.cos(Double(phase))) < 2e-7)
      #expect(abs(Double(phasor[2 * index + 1]) - Double.sin(Double(phase))) < 2e-7)
    }
  }
}
