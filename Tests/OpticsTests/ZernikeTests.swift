import Numerics
import Optics
import Testing

@Suite struct ZernikeTests {
  @Test("Noll's indices have the orders of his table")
  func table() {
    let expected = [
      (0, 0), (1, 1), (1, -1), (2, 0), (2, -2), (2, 2), (3, -1), (3, 1), (3, -3), (3, 3), (4, 0), (4, 2), (4, -2),
      (4, 4), (4, -4), (5, 1), (5, -1), (5, 3), (5, -3), (5, 5), (5, -5), (6, 0),
    ]
    for (index, orders) in expected.enumerated() {
      let found = Zernike.indices(noll: index + 1)
      #expect(found.n == orders.0 && found.m == orders.1, "Noll index \(index + 1)")
    }
  }

  struct Aberration: Sendable, CustomStringConvertible {
    let description: String
    let noll: Int
    let polynomial: @Sendable (Double, Double) -> Double
  }

  /// Noll's table in Cartesian coordinates, r² = x² + y².
  static let aberrations = [
    Aberration(description: "piston", noll: 1) { _, _ in 1 },
    Aberration(description: "tilt in x", noll: 2) { x, _ in 2 * x },
    Aberration(description: "tilt in y", noll: 3) { _, y in 2 * y },
    Aberration(description: "defocus", noll: 4) { x, y in 3.0.squareRoot() * (2 * (x * x + y * y) - 1) },
    Aberration(description: "oblique astigmatism", noll: 5) { x, y in 6.0.squareRoot() * 2 * x * y },
    Aberration(description: "vertical astigmatism", noll: 6) { x, y in 6.0.squareRoot() * (x * x - y * y) },
    Aberration(description: "vertical coma", noll: 7) { x, y in 8.0.squareRoot() * (3 * (x * x + y * y) - 2) * y },
    Aberration(description: "horizontal coma", noll: 8) { x, y in 8.0.squareRoot() * (3 * (x * x + y * y) - 2) * x },
    Aberration(description: "vertical trefoil", noll: 9) { x, y in 8.0.squareRoot() * (3 * x * x * y - y * y * y) },
    Aberration(description: "oblique trefoil", noll: 10) { x, y in 8.0.squareRoot() * (x * x * x - 3 * x * y * y) },
    Aberration(description: "spherical", noll: 11) { x, y in
      let s = x * x + y * y
      return 5.0.squareRoot() * (6 * s * s - 6 * s + 1)
    },
    Aberration(description: "secondary astigmatism", noll: 12) { x, y in
      10.0.squareRoot() * (4 * (x * x + y * y) - 3) * (x * x - y * y)
    },
    Aberration(description: "secondary spherical", noll: 22) { x, y in
      let s = x * x + y * y
      return 7.0.squareRoot() * (20 * s * s * s - 30 * s * s + 12 * s - 1)
    },
  ]

  static let points = [(0, 0), (0.3, -0.4), (-0.7, 0.1), (0.6, 0.8), (-1, 1), (0, -1.2)]

  @Test("every aberration is the polynomial of Noll's table, also beyond the disc", arguments: aberrations)
  func polynomials(aberration: Aberration) {
    for (x, y) in Self.points {
      let found = Zernike.value(noll: aberration.noll, x: x, y: y)
      #expect(abs(found - aberration.polynomial(x, y)) < 1e-13)
    }
  }

  /// The nodes and weights of Gauss and Legendre on 0…1.
  private func legendre(_ count: Int) -> [(node: Double, weight: Double)] {
    (0..<count).map { index in
      var x = Double.cos(.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<50 {
        var (previous, value) = (1.0, x)
        for n in 2...count {
          (previous, value) = (value, (Double(2 * n - 1) * x * value - Double(n - 1) * previous) / Double(n))
        }
        slope = Double(count) * (x * value - previous) / (x * x - 1)
        x -= value / slope
      }
      return ((x + 1) / 2, 1 / ((1 - x * x) * slope * slope))
    }
  }

  @Test("the polynomials are orthonormal over the disc")
  func orthonormality() {
    // With s = r², the mean over the disc is that over s in 0…1 and the angle; both quadratures are exact up to degree 20.
    let count = 36
    let radii = legendre(12)
    for j in 1...count {
      for other in j...count {
        var product = 0.0
        for (s, weight) in radii {
          for step in 0..<32 {
            let angle = 2 * Double.pi * (Double(step) + 0.25) / 32
            let (x, y) = (s.squareRoot() * Double.cos(angle), s.squareRoot() * Double.sin(angle))
            product += weight / 32 * Zernike.value(noll: j, x: x, y: y) * Zernike.value(noll: other, x: x, y: y)
          }
        }
        #expect(abs(product - (j == other ? 1 : 0)) < 1e-12, "Noll indices \(j) and \(other)")
      }
    }
  }

  @Test("the gradients agree with central differences", arguments: 1...36)
  func gradient(noll j: Int) {
    let step = 1e-5
    for (x, y) in Self.points {
      let found = Zernike.gradient(noll: j, x: x, y: y)
      let alongX = Zernike.value(noll: j, x: x + step, y: y) - Zernike.value(noll: j, x: x - step, y: y)
      let alongY = Zernike.value(noll: j, x: x, y: y + step) - Zernike.value(noll: j, x: x, y: y - step)
      let scale = 1 + (found.x * found.x + found.y * found.y).squareRoot()
      #expect(abs(found.x - alongX / (2 * step)) < 1e-6 * scale)
      #expect(abs(found.y - alongY / (2 * step)) < 1e-6 * scale)
    }
  }
}
