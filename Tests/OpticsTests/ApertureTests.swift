import Numerics
import Optics
import Testing

@Suite struct ApertureTests {
  /// The light of a unit plane wave behind a circular hole, centred on the sample [side/2, side/2]; samples on the rim count
  /// by the part of their area within, of 8×8 points.
  private func disc(_ grid: PlaneGrid, radius: Double) -> Field<Double> {
    let points = (0..<8).map { ((Double($0) + 0.5) / 8 - 0.5) * grid.pitch }
    return Field(grid: grid) { row, column in
      let (x, y) = (grid.position(column, of: grid.width), grid.position(row, of: grid.height))
      let inside = points.reduce(0) { sum, dy in
        sum + points.count { Double.hypot(x + $0, y + dy) <= radius }
      }
      return Complex(Double(inside) / 64, 0)
    }
  }

  struct OnAxis: Sendable {
    let distance: Double
    let intensity: Double
  }

  @Test(
    "on the axis behind a circular aperture the light is Rayleigh's and Sommerfeld's within 1 %",
    arguments: [
      OnAxis(distance: 294.1176e-3, intensity: 4), OnAxis(distance: 147.0588e-3, intensity: 0),
      OnAxis(distance: 100e-3, intensity: 3.96588),
    ])
  func rayleighSommerfeld(case expected: OnAxis) throws {
    let (radius, z) = (0.5e-3, expected.distance)
    // |1 − (z/s)e^(ik(s−z))|², the exact diffraction integral on the axis.
    let s = (z * z + radius * radius).squareRoot()
    let wave = Complex<Double>(length: z / s, phase: Bench.wavenumber * (radius * radius / (s + z)))
    let exact = (Complex(1) - wave).lengthSquared
    #expect(abs(exact - expected.intensity) < 1e-4)

    let field = disc(Bench.grid(301), radius: radius)
    let end = try Propagator<Double>(grid: field.grid, space: Bench.space(z), padding: 4).forward(field)
    // 1 % of the brightest that an aperture can give, for the dark point; of the value itself for the bright ones.
    #expect(abs(end[150, 150].lengthSquared - exact) < 0.01 * max(exact, 0.04))
  }

  private let focalLength = 0.1
  private let grid = Bench.grid(301)

  /// The focal plane of a lens in front of which the plane wave passes an aperture.
  private func focus(_ aperture: Field<Double>) throws -> Field<Double> {
    let lens = Field<Double>(grid: grid) { row, column in
      let (x, y) = (grid.position(column, of: 301), grid.position(row, of: 301))
      let phase = -Bench.wavenumber / (2 * focalLength) * (x * x + y * y)
      return aperture[row, column] * Complex(length: 1, phase: phase)
    }
    return try Propagator<Double>(grid: grid, space: Bench.space(focalLength), padding: 4).forward(lens)
  }

  /// The first minimum of the intensity along the row through the focus, in metres, between samples by the series of sincs,
  /// which is exact for a field as smooth as this.
  private func firstZero(_ field: Field<Double>) -> Double {
    func intensity(at position: Double) -> Double {
      var sum = Complex<Double>.zero
      for column in 0..<301 {
        let argument = Double.pi * (position - Double(column - 150))
        sum += field[150, column] * Complex(argument == 0 ? 1 : Double.sin(argument) / argument, 0)
      }
      return sum.lengthSquared
    }
    var step = 200
    while step < 800, intensity(at: Double(step + 1) / 100) < intensity(at: Double(step) / 100) { step += 1 }
    return Double(step) / 100 * grid.pitch
  }

  @Test("a round lens of 100 mm focuses to Airy's pattern: height, first zero and the light inside it")
  func roundLens() throws {
    let aperture = disc(grid, radius: 1.38e-3)
    let end = try focus(aperture)
    let area = aperture.values.reduce(0) { $0 + $1.real } * Bench.pitch * Bench.pitch
    #expect(abs(area / (.pi * 1.38e-3 * 1.38e-3) - 1) < 1e-3)
    let height = area / (Bench.wavelength * focalLength)
    #expect(abs(height * height / 4954.25 - 1) < 2e-3)
    #expect(abs(end[150, 150].lengthSquared / (height * height) - 1) < 1e-3)

    let airy = 1.2196698912665045 * Bench.wavelength * focalLength / 2.76e-3
    #expect(abs(airy - 37.562e-6) < 5e-10)
    #expect(abs(firstZero(end) / airy - 1) < 0.005)

    // Samples on the circle count by the part of their area inside.
    let mask = disc(grid, radius: airy)
    let inside = zip(end.intensity, mask.values).reduce(0) { $0 + $1.0 * $1.1.real }
    #expect(abs(inside / aperture.power / 0.83785 - 1) < 0.01)
  }

  @Test("a square lens of 2.76 mm has the zero of a sinc at 30.797 µm")
  func squareLens() throws {
    let side = 2.769200e-3
    let end = try focus(Field(grid: grid, repeating: .one))
    #expect(abs(Bench.wavelength * focalLength / 2.76e-3 - 30.797e-6) < 5e-10)
    // 301 samples are 2.7692 mm wide.
    #expect(abs(firstZero(end) / (Bench.wavelength * focalLength / side) - 1) < 0.005)
  }

  @Test("the phase of a lens turns by half a turn a sample at its rim when f = D·pitch/λ")
  func shortestLens() {
    let shortest = 2.76e-3 * Bench.pitch / Bench.wavelength
    #expect(abs(shortest - 29.873e-3) < 5e-7)
    let report = Bench.space(shortest).sampling(of: Bench.grid(300), padding: 1)
    #expect(abs(report.criticalDistance / shortest - 1) < 1e-12, "the plane's own limit")
    #expect(!report.isUndersampled)
  }
}
