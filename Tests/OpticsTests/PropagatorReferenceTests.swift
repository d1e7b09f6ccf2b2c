import Numerics
import Optics
import Testing

/// The propagator against sums written out from the definition, without any fast transform.
@Suite struct PropagatorReferenceTests {
  struct Case: Sendable, CustomStringConvertible {
    var height = 12
    var width = 12
    var padding = 1.0
    var pitch = 8e-6
    var distance = 2e-3
    var method = FreeSpace.Method.angularSpectrum
    var bandLimit = true

    var description: String { "\(height)×\(width) padding \(padding) \(method) limit \(bandLimit) \(distance) m" }
  }

  static let cases: [Case] =
    [(12, 12), (16, 24), (9, 15), (17, 17), (7, 10), (1, 13), (23, 1)].flatMap { height, width in
      [1, 1.333, 2].map { Case(height: height, width: width, padding: $0) }
    }
    + FreeSpace.Method.allCases.flatMap { method in
      [true, false].map { Case(height: 11, width: 18, padding: 1.333, distance: -3e-3, method: method, bandLimit: $0) }
    } + [
      Case(height: 13, width: 20, padding: 2, pitch: 0.3e-6, distance: 5e-6, bandLimit: false),
      Case(height: 13, width: 20, padding: 2, pitch: 0.3e-6, distance: 5e-6, method: .paper),
    ]

  @Test("the propagator computes the transform sums of its definition in float64", arguments: cases)
  func double(sizes: Case) throws {
    let difference = try difference(sizes, Double.self)
    #expect(difference < 1e-11)
  }

  @Test("the propagator computes the transform sums of its definition in float32", arguments: cases)
  func float(sizes: Case) throws {
    let difference = try difference(sizes, Float.self)
    #expect(difference < 2e-6)
  }

  private func difference<Scalar: OpticsScalar>(_ sizes: Case, _: Scalar.Type) throws -> Double {
    let grid = PlaneGrid(height: sizes.height, width: sizes.width, pitch: sizes.pitch)
    let field = Field<Scalar>.random(grid, seed: 1)
    let space = FreeSpace(wavelength: 850e-9, distance: sizes.distance, method: sizes.method)
    let propagator = try Propagator<Scalar>(
      grid: grid, space: space, padding: sizes.padding, bandLimit: sizes.bandLimit, allowUndersampling: true)
    let canvas = grid.padded(by: sizes.padding)
    let input = (0..<canvas.height).map { y in
      (0..<canvas.width).map { x in
        y < grid.height && x < grid.width
          ? Complex(Double(field[y, x].real), Double(field[y, x].imaginary)) : Complex<Double>.zero
      }
    }
    let spectrum = transformed(input, sign: -1)
    let filtered = (0..<canvas.height).map { ky in
      (0..<canvas.width).map { kx in
        spectrum[ky][kx]
          * transfer(sizes, frequency(ky, canvas.height), frequency(kx, canvas.width), canvas: canvas)
      }
    }
    let output = transformed(filtered, sign: 1)
    let scale = 1 / Double(canvas.count)
    let expected = Field<Scalar>(grid: grid) { y, x in
      Complex(Scalar(output[y][x].real * scale), Scalar(output[y][x].imaginary * scale))
    }
    return propagator.forward(field).difference(from: expected)
  }

  /// Whole turns over the canvas.
  private func frequency(_ bin: Int, _ length: Int) -> Double { Double(2 * bin < length ? bin : bin - length) }

  private func transfer(_ sizes: Case, _ turnsY: Double, _ turnsX: Double, canvas: PlaneGrid) -> Complex<Double> {
    let wavelength = 850e-9
    let (width, height) = (Double(canvas.width) * sizes.pitch, Double(canvas.height) * sizes.pitch)
    let (fx, fy) = (turnsX / width, turnsY / height)
    if sizes.bandLimit {
      for (f, side) in [(fx, width), (fy, height)] {
        let ratio = 2 * sizes.distance / side
        let limit =
          sizes.method == .fresnel
          ? side / (2 * wavelength * abs(sizes.distance)) : 1 / (wavelength * (ratio * ratio + 1).squareRoot())
        if abs(f) > limit { return .zero }
      }
    }
    if sizes.method == .fresnel {
      return Complex(length: 1, phase: -.pi * wavelength * sizes.distance * (fx * fx + fy * fy))
    }
    let cosineSquared = 1 - wavelength * wavelength * (fx * fx + fy * fy)
    guard cosineSquared > 0 else { return .zero }
    return Complex(length: 1, phase: 2 * .pi / wavelength * sizes.distance * (cosineSquared.squareRoot() - 1))
  }

  private func transformed(_ plane: [[Complex<Double>]], sign: Double) -> [[Complex<Double>]] {
    func sums(_ line: [Complex<Double>]) -> [Complex<Double>] {
      line.indices.map { k in
        line.indices.reduce(.zero) { sum, x in
          sum + line[x]
            * Complex(length: 1, phase: sign * 2 * .pi * Double(k * x % line.count) / Double(line.count))
        }
      }
    }
    let rows = plane.map(sums)
    let columns = rows[0].indices.map { x in sums(rows.map { $0[x] }) }
    return rows.indices.map { y in columns.map { $0[y] } }
  }

  @Test("a point spreads as the Rayleigh-Sommerfeld integral says")
  func rayleighSommerfeld() throws {
    // A smooth small source whose light stays well inside the canvas.
    let grid = PlaneGrid(side: 96, pitch: 2e-6)
    let distance = 0.4e-3
    let (k, wavelength) = (2 * Double.pi / 850e-9, 850e-9)
    let source = Field<Double>.gaussian(grid, waist: 8e-6)
    let computed = try Propagator<Double>(
      grid: grid, space: FreeSpace(wavelength: wavelength, distance: distance), padding: 2
    ).forward(source)
    for (row, column) in [(48, 48), (48, 60), (40, 55), (30, 48)] {
      var sum = Complex<Double>.zero
      for y in 24..<73 {
        for x in 24..<73 {
          let r = (Double((row - y) * (row - y) + (column - x) * (column - x)) * 4e-12 + distance * distance)
            .squareRoot()
          let wave = Complex(length: 1, phase: k * (r - distance)) * Complex(1 / r, -k)
          sum += source[y, x] * wave * Complex(distance * 4e-12 / (2 * .pi * r * r), 0)
        }
      }
      #expect((computed[row, column] - sum).length < 1e-4 * computed[48, 48].length)
    }
  }
}
