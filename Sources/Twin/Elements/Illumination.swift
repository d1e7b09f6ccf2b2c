import Numerics
import Optics

/// The light that falls on the input: a measured amplitude times exp(−(c·ρ² + a·ξ + b·η)), ξ and η from −1 to 1 over the
/// layer and ρ² = ξ² + η², with Zernike aberrations, on a circle that circumscribes the layer.
struct Illumination: Sendable {
  let curvature: Dependent
  let slopeX: Dependent
  let slopeY: Dependent
  let aberrations: [Int: Dependent]
  private let basis: PlaneBasis
  private let measured: [Double]?

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
  }

  /// Whether the light is a plain wave.
  var isUniform: Bool {
    measured == nil && ![curvature, slopeX, slopeY].contains(where: \.isPresent) && aberrations.isEmpty
  }

  var hasDerivatives: Bool {
    ([curvature, slopeX, slopeY] + aberrations.values).contains { !$0.slopes.isEmpty }
  }

  /// The field, interleaved row-major `[side, side]`.
  func field<Scalar: OpticsScalar>(into target: UnsafeMutablePointer<Scalar>) {
    let phase = basis.sum(aberrations)
    for y in 0..<basis.side {
      let eta = basis.positions[y] / basis.halfWidth
      for x in 0..<basis.side {
        let xi = basis.positions[x] / basis.halfWidth
        let sample = y * basis.side + x
        let fall = curvature.value * (xi * xi + eta * eta) + slopeX.value * xi + slopeY.value * eta
        let amplitude = Double.exp(-fall) * (measured?[sample] ?? 1)
        target[2 * sample] = Scalar(amplitude * Double.cos(phase[sample]))
        target[2 * sample + 1] = Scalar(amplitude * Double.sin(phase[sample]))
      }
    }
  }

  /// Whether the light depends on a parameter, by its index.
  func depends(on parameter: Int) -> Bool {
    ([curvature, slopeX, slopeY] + aberrations.values).contains { $0.slopes[parameter] != nil }
  }

  /// The derivative of the field's logarithm by a parameter, by its index; interleaved row-major `[side, side]`.
  func logarithmicTangent<Scalar: OpticsScalar>(by parameter: Int, into target: UnsafeMutablePointer<Scalar>) {
    func slope(_ quantity: Dependent) -> Double { quantity.slopes[parameter] ?? 0 }
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
