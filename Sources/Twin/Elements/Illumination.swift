import Numerics
import Optics

/// The light that falls on the input: a measured amplitude times exp(−(c·ρ² + a·ξ + b·η)), ξ and η from −1 to 1 over the
/// layer and ρ² = ξ² + η², with Zernike aberrations, on a circle that circumscribes the layer, and with the map of a calibration.
struct Illumination: Sendable {
  let curvature: Dependent
  let slopeX: Dependent
  let slopeY: Dependent
  let aberrations: [Int: Dependent]
  private let basis: PlaneBasis
  private let measured: [Double]?
  /// The map, and what it is on the samples.
  private let map: (spline: BicubicSpline, phase: [Double], logAmplitude: [Double])?

  init(_ description: TwinDescription, _ parameters: TwinParameters, basis: PlaneBasis) {
    curvature = parameters.dependent("illuminationCurvature")
    slopeX = parameters.dependent("illuminationSlopeX")
    slopeY = parameters.dependent("illuminationSlopeY")
    aberrations = parameters.aberrations("modulatorZernike")
    self.basis = basis
    let sampling = description.geometry.sampling
    measured = description.source.amplitude.map { amplitude in
      (0..<basis.side).flatMap { y in
        (0..<basis.side).map { x in amplitude[0, y / sampling, x / sampling] }
      }
    }
    map = description.source.map.map { map in
      let spline = BicubicSpline(fineness: map.fineness, side: basis.side)
      return (spline, spline.values(map.phase), spline.values(map.logAmplitude))
    }
  }

  /// Whether the light is a plain wave.
  var isUniform: Bool {
    measured == nil && map == nil && ![curvature, slopeX, slopeY].contains(where: \.isPresent) && aberrations.isEmpty
  }

  var hasDerivatives: Bool {
    ([curvature, slopeX, slopeY] + aberrations.values).contains { !$0.slopes.isEmpty }
  }

  /// The field, interleaved row-major `[side, side]`.
  func field<Scalar: OpticsScalar>(into target: UnsafeMutablePointer<Scalar>) {
    var phase = basis.sum(aberrations)
    if let map { for sample in phase.indices { phase[sample] += map.phase[sample] } }
    for y in 0..<basis.side {
      let eta = basis.positions[y] / basis.halfWidth
      for x in 0..<basis.side {
        let xi = basis.positions[x] / basis.halfWidth
        let sample = y * basis.side + x
        let fall = curvature.value * (xi * xi + eta * eta) + slopeX.value * xi + slopeY.value * eta
        let amplitude = Double.exp((map?.logAmplitude[sample] ?? 0) - fall) * (measured?[sample] ?? 1)
        target[2 * sample] = Scalar(amplitude * Double.cos(phase[sample]))
        target[2 * sample + 1] = Scalar(amplitude * Double.sin(phase[sample]))
      }
    }
  }

  /// Whether the light changes along a direction.
  func depends(on direction: Direction) -> Bool {
    ([curvature, slopeX, slopeY] + aberrations.values).contains { $0.slope(along: direction) != nil }
  }

  /// The derivative of the field's logarithm along a direction; interleaved row-major `[side, side]`.
  func logarithmicTangent<Scalar: OpticsScalar>(
    along direction: Direction, into target: UnsafeMutablePointer<Scalar>
  ) {
    func slope(_ quantity: Dependent) -> Double { quantity.slope(along: direction) ?? 0 }
    let phase = basis.sum(aberrations.mapValues { Dependent(slope($0)) })
    let (curvature, alongX, alongY) = (slope(curvature), slope(slopeX), slope(slopeY))
    for y in 0..<basis.side {
      let eta = basis.positions[y] / basis.halfWidth
      for x in 0..<basis.side {
        let xi = basis.positions[x] / basis.halfWidth
        let sample = y * basis.side + x
        target[2 * sample] = Scalar(-(curvature * (xi * xi + eta * eta) + alongX * xi + alongY * eta))
        target[2 * sample + 1] = Scalar(phase[sample])
      }
    }
  }

  /// The same for a change of the map; false where the light has none.
  func logarithmicTangent<Scalar: OpticsScalar>(of change: SourceMap, into target: UnsafeMutablePointer<Scalar>) -> Bool
  {
    guard let spline = map?.spline else { return false }
    let (turn, growth) = (spline.values(change.phase), spline.values(change.logAmplitude))
    for sample in turn.indices {
      target[2 * sample] = Scalar(growth[sample])
      target[2 * sample + 1] = Scalar(turn[sample])
    }
    return true
  }

  /// The derivatives of a loss by the coefficients of the map, from the same sum as ``derivatives(_:phase:_:)``.
  func mapDerivatives<Scalar: OpticsScalar>(_ sum: UnsafePointer<Scalar>) -> SourceMap? {
    guard let spline = map?.spline else { return nil }
    var result = SourceMap(fineness: spline.fineness)
    result.logAmplitude = spline.transposed(sum, stride: 2)
    result.phase = spline.transposed(sum + 1, stride: 2)
    return result
  }

  /// The derivatives of a loss, from h = Σ conj(U)·A over images, with U the illuminated input and A its adjoint field:
  /// dL = Re Σ conj(h)·d(log illumination). `sum` is interleaved row-major, `phase` memory for `[side, side]`.
  func derivatives<Scalar: OpticsScalar>(
    _ sum: UnsafePointer<Scalar>, phase: UnsafeMutablePointer<Scalar>, _ body: (Dependent, Double) -> Void
  ) {
    var totals = (curvature: 0.0, x: 0.0, y: 0.0)
    for y in 0..<basis.side {
      let eta = basis.positions[y] / basis.halfWidth
      for x in 0..<basis.side {
        let xi = basis.positions[x] / basis.halfWidth
        let sample = y * basis.side + x
        let value = Double(sum[2 * sample])
        totals.curvature -= value * (xi * xi + eta * eta)
        totals.x -= value * xi
        totals.y -= value * eta
        phase[sample] = sum[2 * sample + 1]
      }
    }
    body(curvature, totals.curvature)
    body(slopeX, totals.x)
    body(slopeY, totals.y)
    basis.derivatives(aberrations, phase, body)
  }
}
