import Fitting
import Optics

/// The wavefront of the light on the input where an image is, as low Zernike polynomials.
package struct LitWavefront: Sendable {
  /// The samples, of `[side, side]`, on which an image lies.
  package let samples: [Int]
  private let basis: PlaneBasis
  /// For each polynomial the weights of the samples whose sum is its coefficient, by least squares with all the others.
  private let weights: [[Double]]

  /// Piston, tilts, and what is found as aberrations, up to Noll's index 15: beyond, more coefficients tell no more of the lower ones.
  package static let polynomials = 1...15

  /// - Throws: ``TwinError/description(_:)`` when the image covers too little of the layers to tell the polynomials apart.
  package init(_ description: TwinDescription) throws(TwinError) {
    let (geometry, input) = (description.geometry, description.input)
    let (extent, side) = (input.size * input.block, geometry.grid * geometry.sampling)
    let first = (geometry.grid - extent) / 2 * geometry.sampling
    let lit = first..<first + extent * geometry.sampling
    let samples = lit.flatMap { y in lit.map { y * side + $0 } }
    let basis = PlaneBasis(geometry)
    let values = Self.polynomials.map { noll in
      let zernike = basis.zernike(noll)
      return samples.map { zernike[$0] }
    }
    let gram = values.flatMap { row in values.map { NormalEquations.product(row, $0) } }
    guard let factor = Cholesky(gram, order: values.count) else {
      throw .description(
        "the image covers \(extent) of \(geometry.grid) samples of a layer, too few to tell the wavefront's polynomials apart"
      )
    }
    let inverse = factor.inverse
    weights = values.indices.map { row in
      var sum = [Double](repeating: 0, count: samples.count)
      for (column, polynomial) in values.enumerated() {
        let part = inverse[row * values.count + column]
        for sample in sum.indices { sum[sample] += part * polynomial[sample] }
      }
      return sum
    }
    (self.basis, self.samples) = (basis, samples)
  }

  /// The coefficient of a polynomial in a phase `[side, side]`.
  package func coefficient(_ noll: Int, of phase: [Double]) -> Double {
    zip(samples, weights[noll - Self.polynomials.lowerBound]).reduce(0) { $0 + phase[$1.0] * $1.1 }
  }

  /// The weights of ``coefficient(_:of:)`` on all samples.
  func functional(_ noll: Int) -> [Double] {
    var all = [Double](repeating: 0, count: basis.side * basis.side)
    for (sample, weight) in zip(samples, weights[noll - Self.polynomials.lowerBound]) { all[sample] = weight }
    return all
  }

  /// A phase without piston and tilts, on the lit samples.
  package func withoutTilt(_ phase: [Double]) -> [Double] {
    let (x, y) = (basis.positions, basis.side)
    // Exactly those three, not beside the others.
    var normal = NormalEquations(unknowns: 3)
    let unit = basis.halfWidth
    let columns = [
      samples.map { _ in 1 }, samples.map { x[$0 % y] / unit }, samples.map { x[$0 / y] / unit },
    ]
    let values = samples.map { phase[$0] }
    normal.add(residuals: values, columns: columns)
    guard let plane = Cholesky(normal.curvature, order: 3)?.solve(normal.slope) else { return values }
    return values.indices.map {
      values[$0] - plane[0] * columns[0][$0] - plane[1] * columns[1][$0] - plane[2] * columns[2][$0]
    }
  }

  /// A phase without all of the polynomials, on the lit samples.
  package func withoutPolynomials(_ phase: [Double]) -> [Double] {
    let parts = Self.polynomials.map { (coefficient($0, of: phase), basis.zernike($0)) }
    return samples.map { sample in parts.reduce(phase[sample]) { $0 - $1.0 * $1.1[sample] } }
  }

  /// The phase of a bench's light without the beam's angle: aberrations and map, `[side, side]`.
  package func phase(_ parameters: TwinParameters, _ map: SourceMap?) -> [Double] {
    var phase = basis.sum(parameters.aberrations("modulatorZernike"))
    guard let map else { return phase }
    let own = BicubicSpline(fineness: map.fineness, side: basis.side).values(map.phase)
    for sample in phase.indices { phase[sample] += own[sample] }
    return phase
  }

  /// The same light with the low polynomials of the map handed to the parameters that describe them, and without piston, which no frame
  /// sees.
  func gathered(
    _ parameters: TwinParameters, _ map: SourceMap, of names: [String]
  ) throws -> (parameters: TwinParameters, map: SourceMap) {
    let spline = BicubicSpline(fineness: map.fineness, side: basis.side)
    let phase = spline.values(map.phase)
    var (parameters, map) = (parameters, map)
    var handed = [Double](repeating: coefficient(1, of: phase), count: phase.count)
    for noll in ParameterCatalogue.zernikes where names.contains("modulatorZernike\(noll)") {
      let part = coefficient(noll, of: phase)
      parameters["modulatorZernike\(noll)"] += part
      let zernike = basis.zernike(noll)
      for sample in handed.indices { handed[sample] += part * zernike[sample] }
    }
    let taken = try spline.coefficients(closestTo: handed)
    for index in taken.indices { map.phase[index] -= taken[index] }
    return (parameters, map)
  }

  /// How a polynomial's coefficient follows the unknowns of a fit, the beam's angle included.
  func slope(_ noll: Int, _ unknowns: SourceUnknowns, wavenumber: Double) -> [Double] {
    let functional = functional(noll)
    var slopes = TwinDirection()
    for index in ParameterCatalogue.zernikes {
      slopes.parameters["modulatorZernike\(index)"] = index == noll ? 1 : 0
    }
    let side = basis.side
    let ramps = (
      x: functional.indices.map { basis.positions[$0 % side] }, y: functional.indices.map { basis.positions[$0 / side] }
    )
    slopes.parameters["beamTiltX"] = -wavenumber * NormalEquations.product(functional, ramps.x)
    slopes.parameters["beamTiltY"] = -wavenumber * NormalEquations.product(functional, ramps.y)
    slopes.map = unknowns.fineness.map { fineness in
      var map = SourceMap(fineness: fineness)
      map.phase = BicubicSpline(fineness: fineness, side: side).transposed(functional)
      return map
    }
    return unknowns.gradient(slopes)
  }
}
