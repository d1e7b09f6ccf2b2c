import Numerics
import Optics

/// A linear phase across a layer, in rad/m.
struct Ramp: Equatable, Sendable {
  var x = 0.0
  var y = 0.0
}

/// A hop between two planes: the phase of its transfer function at a frequency, nil where nothing passes.
typealias HopPhase = @Sendable (_ fx: Double, _ fy: Double) -> Double?

/// How the phases on the way depend on one parameter.
struct Influence: Sendable {
  /// For each distinct hop, the derivative of its phase by the parameter.
  var hops: [Int: @Sendable (_ fx: Double, _ fy: Double) -> Double] = [:]
  /// For each layer, the derivative of its ramp by the parameter.
  var ramps: [Int: Ramp] = [:]
}

/// The bench as the light meets it: an optional first hop, then layers, each with a ramp before and a hop behind it.
///
/// Both geometries take this form; a further geometry is one more function that returns it.
struct OpticalPath: Sendable {
  /// The distinct hops.
  var hops: [HopPhase] = []
  /// The hop from the input plane to the first layer; nil when the input is imaged on the first layer.
  var entryHop: Int?
  /// The hop behind each layer.
  var hopAfterLayer: [Int] = []
  /// The ramp on each layer.
  var ramps: [Ramp] = []
  /// By parameter name.
  var influences: [String: Influence] = [:]
  /// How well the canvas samples the longest hop.
  var sampling: SamplingReport

  static func make(_ geometry: GeometryDescription, _ parameters: TwinParameters, canvas: PlaneGrid) -> OpticalPath {
    switch geometry.kind {
    case .planes: planes(geometry, parameters, canvas)
    case .cavity: cavity(geometry, parameters, canvas)
    }
  }

  /// Input plane, layers and detector at equal spacing; the beam's tilt is a ramp on the first layer and, because the
  /// light already travels obliquely before it, part of the first hop.
  private static func planes(
    _ geometry: GeometryDescription, _ parameters: TwinParameters, _ canvas: PlaneGrid
  ) -> OpticalPath {
    let space = FreeSpace(wavelength: geometry.wavelength, distance: parameters["spacing"])
    let beam = Beam(space: space, x: parameters["beamTiltX"], y: parameters["beamTiltY"])
    let band = BandLimit(geometry, canvas)
    let distance = space.distance
    var path = OpticalPath(sampling: space.sampling(on: canvas, padding: geometry.padding))
    path.hops = [
      { fx, fy in
        guard band.passes(space, fx: fx, fy: fy), let w = space.wavenumber(fx: fx, fy: fy) else { return nil }
        return w * distance
      },
      { fx, fy in
        guard band.passes(space, fx: fx + beam.fx, fy: fy + beam.fy),
          let w = space.wavenumber(fx: fx + beam.fx, fy: fy + beam.fy)
        else { return nil }
        return w * distance
      },
    ]
    path.entryHop = 1
    path.hopAfterLayer = [Int](repeating: 0, count: geometry.layers)
    path.ramps = [Ramp](repeating: Ramp(), count: geometry.layers)
    path.ramps[0] = beam.ramp
    path.influences["spacing"] = Influence(hops: [
      0: { fx, fy in space.wavenumber(fx: fx, fy: fy) ?? 0 },
      1: { fx, fy in space.wavenumber(fx: fx + beam.fx, fy: fy + beam.fy) ?? 0 },
    ])
    path.influences["beamTiltX"] = Influence(
      hops: [1: { fx, fy in beam.phaseByX(fx: fx + beam.fx, fy: fy + beam.fy, sign: -1) }],
      ramps: [0: Ramp(x: beam.rampByX, y: 0)])
    path.influences["beamTiltY"] = Influence(
      hops: [1: { fx, fy in beam.phaseByY(fx: fx + beam.fx, fy: fy + beam.fy, sign: -1) }],
      ramps: [0: Ramp(x: 0, y: beam.rampByY)])
    return path
  }

  /// The folded cavity of the paper (appendix A.1): modulator → mirror → modulator, `layers` reflections off the
  /// modulator. A hop is half a hop, the mirror's tilt, half a hop; that equals the tilt on the modulator plane followed by
  /// one transfer function H(f)·H(f − f₀), f₀ = −sin α/λ, so that one pair of transforms is enough. The last hop, to the
  /// detector, has the same length and no mirror tilt. The beam's tilt enters once, on the first layer.
  private static func cavity(
    _ geometry: GeometryDescription, _ parameters: TwinParameters, _ canvas: PlaneGrid
  ) -> OpticalPath {
    let gap = FreeSpace(wavelength: geometry.wavelength, distance: parameters["mirrorGap"])
    let whole = FreeSpace(wavelength: geometry.wavelength, distance: 2 * gap.distance)
    let mirror = Beam(space: gap, x: parameters["mirrorTiltX"], y: parameters["mirrorTiltY"])
    let beam = Beam(space: gap, x: parameters["beamTiltX"], y: parameters["beamTiltY"])
    let band = BandLimit(geometry, canvas)
    var path = OpticalPath(sampling: whole.sampling(on: canvas, padding: geometry.padding))
    let distance = gap.distance
    path.hops = [
      { fx, fy in
        let walkX = gap.walk(fx: fx, fy: 0) + gap.walk(fx: fx - mirror.fx, fy: 0)
        let walkY = gap.walk(fx: fy, fy: 0) + gap.walk(fx: fy - mirror.fy, fy: 0)
        guard band.passes(walkX: walkX, walkY: walkY),
          let before = gap.wavenumber(fx: fx - mirror.fx, fy: fy - mirror.fy),
          let after = gap.wavenumber(fx: fx, fy: fy)
        else { return nil }
        return (before + after) * distance
      },
      { fx, fy in
        guard band.passes(whole, fx: fx, fy: fy), let w = whole.wavenumber(fx: fx, fy: fy) else { return nil }
        return w * 2 * distance
      },
    ]
    let last = geometry.layers - 1
    path.hopAfterLayer = (0...last).map { $0 == last ? 1 : 0 }
    path.ramps = (0...last).map { $0 == last ? Ramp() : mirror.ramp }
    path.ramps[0].x += beam.ramp.x
    path.ramps[0].y += beam.ramp.y
    path.influences["mirrorGap"] = Influence(hops: [
      0: { fx, fy in
        (gap.wavenumber(fx: fx, fy: fy) ?? 0) + (gap.wavenumber(fx: fx - mirror.fx, fy: fy - mirror.fy) ?? 0)
      },
      1: { fx, fy in 2 * (gap.wavenumber(fx: fx, fy: fy) ?? 0) },
    ])
    path.influences["mirrorTiltX"] = Influence(
      hops: [0: { fx, fy in mirror.phaseByX(fx: fx - mirror.fx, fy: fy - mirror.fy, sign: 1) }],
      ramps: Dictionary(uniqueKeysWithValues: (0..<last).map { ($0, Ramp(x: mirror.rampByX, y: 0)) }))
    path.influences["mirrorTiltY"] = Influence(
      hops: [0: { fx, fy in mirror.phaseByY(fx: fx - mirror.fx, fy: fy - mirror.fy, sign: 1) }],
      ramps: Dictionary(uniqueKeysWithValues: (0..<last).map { ($0, Ramp(x: 0, y: mirror.rampByY)) }))
    path.influences["beamTiltX"] = Influence(ramps: [0: Ramp(x: beam.rampByX, y: 0)])
    path.influences["beamTiltY"] = Influence(ramps: [0: Ramp(x: 0, y: beam.rampByY)])
    return path
  }
}

/// A tilted beam or mirror: e^(−ik(x sin αx + y sin αy)), as the frequency it adds and the ramp it is.
private struct Beam: Sendable {
  let space: FreeSpace
  /// Angles in radians.
  let x: Double
  let y: Double

  /// f₀ = −sin α/λ.
  var fx: Double { -Double.sin(x) / space.wavelength }
  var fy: Double { -Double.sin(y) / space.wavelength }
  var ramp: Ramp { Ramp(x: 2 * .pi * fx, y: 2 * .pi * fy) }
  /// Derivatives of the ramp's slopes by the angles.
  var rampByX: Double { -2 * .pi * Double.cos(x) / space.wavelength }
  var rampByY: Double { -2 * .pi * Double.cos(y) / space.wavelength }

  /// The derivative by the angle x of the phase of H(f + sign·sin αx/λ, …), at the shifted frequency (fx, fy).
  func phaseByX(fx: Double, fy: Double, sign: Double) -> Double {
    -2 * .pi * space.walk(fx: fx, fy: fy) * sign * Double.cos(x) / space.wavelength
  }
  func phaseByY(fx: Double, fy: Double, sign: Double) -> Double {
    -2 * .pi * space.walk(fx: fy, fy: fx) * sign * Double.cos(y) / space.wavelength
  }
}

/// Where a transfer function is cut: waves that would walk further than half the canvas.
private struct BandLimit: Sendable {
  private let isOn: Bool
  private let halfWidth: Double
  private let halfHeight: Double

  init(_ geometry: GeometryDescription, _ canvas: PlaneGrid) {
    isOn = geometry.bandLimit
    halfWidth = Double(canvas.width) * canvas.pitch / 2
    halfHeight = Double(canvas.height) * canvas.pitch / 2
  }

  func passes(_ space: FreeSpace, fx: Double, fy: Double) -> Bool {
    passes(walkX: space.walk(fx: fx, fy: 0), walkY: space.walk(fx: fy, fy: 0))
  }

  func passes(walkX: Double, walkY: Double) -> Bool {
    !isOn || (abs(walkX) <= halfWidth && abs(walkY) <= halfHeight)
  }
}
