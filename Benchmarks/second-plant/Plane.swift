import Arrays
import Foundation

/// The square on which the light is computed: a layer in the upper left corner, and dark space beside it.
struct Plane: Sendable {
  /// Samples along each side, and those of them that the layer has.
  let side: Int
  let width: Int
  /// Metres from sample to sample, and half the width of a layer.
  let step: Double
  let halfWidth: Double
  private let setup: Setup

  init(_ setup: Setup) {
    self.setup = setup
    width = setup.grid * setup.sampling
    // Light walks by less than a quarter of a layer to each side.
    var side = 2
    while side < 3 * width / 2 { side *= 2 }
    self.side = side
    step = setup.pitch / Double(setup.sampling)
    halfWidth = Double(setup.grid) * setup.pitch / 2
  }

  /// Metres from the middle of pixel ⌊grid/2⌋, which is the origin of all planes.
  func position(_ index: Int) -> Double {
    ((Double(index) + 0.5) / Double(setup.sampling) - 0.5 - Double(setup.grid / 2)) * setup.pitch
  }

  /// Calls the body with each sample of the layer, where it lies, and the layer's pixel there.
  func eachOfLayer(_ body: (_ sample: Int, _ x: Double, _ y: Double, _ pixel: Int) -> Void) {
    for row in 0..<width {
      for column in 0..<width {
        body(
          row * side + column, position(column), position(row),
          row / setup.sampling * setup.grid + column / setup.sampling)
      }
    }
  }

  /// A tilted beam or mirror: positive angles send the light towards −x and −y.
  func tilt(_ x: Double, _ y: Double, _ wavelength: Double) -> Field {
    let wavenumber = 2 * Double.pi / wavelength
    // Beyond the middle of the dark space lies what is left of the layer.
    let places = (0..<side).map { index in
      position(index - (index < width + (side - width) / 2 ? 0 : side))
    }
    var field = Field(side: side)
    for index in field.re.indices {
      field.set(index, phase: -wavenumber * (places[index % side] * sin(x) + places[index / side] * sin(y)))
    }
    return field
  }

  /// The factors of a spectrum by free space of some length.
  func propagation(_ distance: Double) -> Field {
    spectrum { fx, fy in
      let square = 1 / (setup.wavelength * setup.wavelength) - fx * fx - fy * fy
      return square > 0 ? 2 * .pi * distance * (square.squareRoot() - 1 / setup.wavelength) : nil
    }
  }

  /// The factors of a spectrum by the aberrations of an imaging relay, whose pupil ends at the pixels' highest frequency.
  func pupil(_ coefficients: [Double]) -> Field {
    let edge = 1 / (2 * setup.pitch)
    return spectrum { fx, fy in aberration(coefficients, fx / edge, fy / edge) }
  }

  private func spectrum(_ phase: (_ fx: Double, _ fy: Double) -> Double?) -> Field {
    let frequencies = (0..<side).map { Double(Fourier.frequency($0, side)) / (Double(side) * step) }
    var field = Field(side: side)
    for index in field.re.indices {
      if let phase = phase(frequencies[index % side], frequencies[index / side]) { field.set(index, phase: phase) }
    }
    return field
  }

  /// The phase of an aberration on the layer and a smooth random rest of some root mean square; a sixth of a millimetre wide.
  func wavefront(_ coefficients: [Double], _ roughness: Double, _ random: CounterRandom) -> [Double] {
    var phase = [Double](repeating: 0, count: side * side)
    let radius = halfWidth * 2.0.squareRoot()
    let waves = roughness > 0 ? Self.waves(random) : []
    eachOfLayer { sample, x, y, _ in
      phase[sample] = aberration(coefficients, x / radius, y / radius)
      for wave in waves { phase[sample] += roughness * wave.height * cos(wave.x * x + wave.y * y + wave.phase) }
    }
    return phase
  }

  private struct Wave {
    var x: Double
    var y: Double
    var phase: Double
    var height: Double
  }

  /// Waves in all directions that add up to a random surface of root mean square 1.
  private static func waves(_ random: CounterRandom) -> [Wave] {
    let count = 60
    return (0..<UInt64(count)).map { index in
      let draws = random.stream(named: "waves").child(index)
      return Wave(
        x: draws.normal(at: 0) / 120e-6, y: draws.normal(at: 1) / 120e-6, phase: 2 * .pi * draws.uniform(at: 4),
        height: (2 / Double(count)).squareRoot())
    }
  }
}

/// Σ c·Z of Noll's indices 4 to 11 (J. Opt. Soc. Am. 66, 207 (1976)), written out.
private func aberration(_ coefficients: [Double], _ x: Double, _ y: Double) -> Double {
  guard coefficients.contains(where: { $0 != 0 }) else { return 0 }
  let (r, x2, y2) = (x * x + y * y, x * x, y * y)
  let norms = [3.0, 6, 8, 5].map { $0.squareRoot() }
  let polynomials: [Double] = [
    norms[0] * (2 * r - 1), norms[1] * 2 * x * y, norms[1] * (x2 - y2), norms[2] * (3 * r - 2) * y,
    norms[2] * (3 * r - 2) * x, norms[2] * (3 * x2 - y2) * y, norms[2] * (x2 - 3 * y2) * x,
    norms[3] * (6 * r * r - 6 * r + 1),
  ]
  return zip(coefficients, polynomials).reduce(0) { $0 + $1.0 * $1.1 }
}
