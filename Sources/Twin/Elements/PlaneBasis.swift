import Concurrency
import Numerics
import Optics

/// The functions of position from which phases and amplitudes of a plane are composed, on the computed samples.
///
/// Shared by all twins of one description; a polynomial is computed when it is first needed and then kept.
final class PlaneBasis: Sendable {
  /// Samples along each side of the computed plane.
  let side: Int
  /// The distance of each computed sample from the centre of layer sample ⌊grid/2⌋, in metres.
  let positions: [Double]
  /// Half the width of a layer in metres.
  let halfWidth: Double
  private let zernikes = Locked<[Int: [Double]]>([:])

  init(_ geometry: GeometryDescription) {
    side = geometry.grid * geometry.sampling
    halfWidth = Double(geometry.grid) * geometry.pitch / 2
    positions = (0..<side).map { index in
      let within = (Double(index % geometry.sampling) + 0.5) / Double(geometry.sampling) - 0.5
      return (Double(index / geometry.sampling - geometry.grid / 2) + within) * geometry.pitch
    }
  }

  /// The Zernike polynomial of a Noll index on the circle that circumscribes the layer, `[side, side]`.
  func zernike(_ index: Int) -> [Double] {
    zernikes.withLock { known in
      if let values = known[index] { return values }
      let radius = halfWidth * 2.0.squareRoot()
      let values = positions.flatMap { y in
        positions.map { x in Zernike.value(noll: index, x: x / radius, y: y / radius) }
      }
      known[index] = values
      return values
    }
  }

  /// Σ c_j Z_j, `[side, side]`.
  func sum(_ coefficients: [Int: Dependent]) -> [Double] {
    var total = [Double](repeating: 0, count: side * side)
    for (index, coefficient) in coefficients.sorted(by: { $0.key < $1.key }) where coefficient.value != 0 {
      let values = zernike(index)
      for sample in total.indices { total[sample] += coefficient.value * values[sample] }
    }
    return total
  }

  /// The phase of a plane in radians, `[side, side]`.
  func phase(_ plane: PlanePhase) -> [Double] {
    var phase = sum(plane.aberrations)
    for y in 0..<side {
      let rowPhase = plane.slopeY.value * positions[y]
      for x in 0..<side { phase[y * side + x] += plane.slopeX.value * positions[x] + rowPhase }
    }
    return phase
  }

  /// The derivatives of a loss by the quantities of a plane's phase, from that by the phase itself, `[side, side]`.
  func derivatives<Scalar: OpticsScalar>(
    _ plane: PlanePhase, _ slope: UnsafePointer<Scalar>, _ body: (Dependent, Double) -> Void
  ) {
    if !plane.slopeX.slopes.isEmpty || !plane.slopeY.slopes.isEmpty {
      var moment = (x: 0.0, y: 0.0)
      for y in 0..<side {
        var row = 0.0
        for x in 0..<side {
          let value = Double(slope[y * side + x])
          moment.x += value * positions[x]
          row += value
        }
        moment.y += row * positions[y]
      }
      body(plane.slopeX, moment.x)
      body(plane.slopeY, moment.y)
    }
    derivatives(plane.aberrations, slope, body)
  }

  func derivatives<Scalar: OpticsScalar>(
    _ aberrations: [Int: Dependent], _ slope: UnsafePointer<Scalar>, _ body: (Dependent, Double) -> Void
  ) {
    for (index, coefficient) in aberrations.sorted(by: { $0.key < $1.key }) where !coefficient.slopes.isEmpty {
      let values = zernike(index)
      var total = 0.0
      for sample in values.indices { total += values[sample] * Double(slope[sample]) }
      body(coefficient, total)
    }
  }
}
