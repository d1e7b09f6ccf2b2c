import Arrays
import Numerics
import Optics

/// The paper's bench: 850 nm, 9.2 µm, a hop of 34.2 mm.
enum Bench {
  static let wavelength = 850e-9
  static let pitch = 9.2e-6
  static let hop = 34.2e-3
  static let wavenumber = 2 * Double.pi / wavelength

  static func grid(_ side: Int) -> PlaneGrid { PlaneGrid(side: side, pitch: pitch) }

  static func space(_ distance: Double, _ method: FreeSpace.Method = .angularSpectrum) -> FreeSpace {
    FreeSpace(wavelength: wavelength, distance: distance, method: method)
  }
}

extension Field {
  /// Independent complex normal numbers.
  static func random(_ grid: PlaneGrid, seed: UInt64) -> Field {
    let random = CounterRandom(seed: seed)
    return Field(grid: grid) { y, x in
      let position = UInt64(2 * (y * grid.width + x))
      return Complex(Scalar(random.normal(at: position)), Scalar(random.normal(at: position + 1)))
    }
  }

  /// Unit amplitude and independent phases, uniform over a turn.
  static func randomPhase(_ grid: PlaneGrid, seed: UInt64) -> Field {
    let random = CounterRandom(seed: seed)
    return Field(grid: grid) { y, x in
      Complex(length: 1, phase: Scalar(2 * Double.pi * random.uniform(at: UInt64(y * grid.width + x))))
    }
  }

  /// Random phases under a super-Gaussian of 0.8 mm and order 8, on the paper's 300 pixels.
  static func rough(seed: UInt64) -> Field {
    let phases = randomPhase(Bench.grid(300), seed: seed)
    return Field(grid: phases.grid) { y, x in
      let radius = Double.hypot(phases.grid.position(x, of: 300), phases.grid.position(y, of: 300)) / 0.8e-3
      return phases[y, x] * Complex(Scalar(Double.exp(-Double.pow(radius, 8))), 0)
    }
  }

  /// A Gaussian beam at its waist, centred on the plane.
  static func gaussian(_ grid: PlaneGrid, waist: Double) -> Field {
    Field(grid: grid) { y, x in
      let (u, v) = (grid.position(x, of: grid.width), grid.position(y, of: grid.height))
      return Complex(Scalar(Double.exp(-(u * u + v * v) / (waist * waist))), 0)
    }
  }

  /// The intensity's centre in x, in metres.
  var centroid: Double {
    var moment = 0.0
    for index in values.indices {
      moment += Double(values[index].lengthSquared) * grid.position(index % grid.width, of: grid.width)
    }
    return moment / Double(power)
  }

  /// ‖self − other‖/‖other‖.
  func difference(from other: Field) -> Double {
    let squares = zip(values, other.values).reduce(0.0) { $0 + Double(($1.0 - $1.1).lengthSquared) }
    return (squares / Double(other.power)).squareRoot()
  }

  /// |⟨self, other⟩|/(‖self‖·‖other‖).
  func correlation(with other: Field) -> Double {
    Double(inner(other).length) / (Double(power) * Double(other.power)).squareRoot()
  }
}

/// The Pearson correlation of two rows of numbers.
func pearson(_ a: [Double], _ b: [Double]) -> Double {
  let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
  let (u, v) = (a.map { $0 - meanA }, b.map { $0 - meanB })
  func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  return product(u, v) / (product(u, u) * product(v, v)).squareRoot()
}
