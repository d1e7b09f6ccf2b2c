import Numerics
import Optics

/// A stretch of free space between two planes, as the phase of a transfer function over spatial frequency.
///
/// Φ(f) = Σ over legs (k_z − k)(f + tilt)·distance + 2π f·shift + Σ c_j Z_j(f/f₁), where `shift` is where the next plane lies
/// beside the beam, the Zernike polynomials are the aberrations of an imaging relay over its pupil, and f₁ = 1/(2·pitch) the
/// largest frequency of a layer's pixels. It stays band-limited whatever the tilts and shifts: what would walk further than
/// half the canvas is dropped (Matsushima, Opt. Express 18, 18453 (2010)). What an aberration adds to the walk is not counted,
/// so strong ones (several radians) want padding of their own.
struct Hop: Equatable, Sendable {
  /// Free space in a frame that is tilted by f₀: H(f + f₀).
  struct Leg: Equatable, Sendable {
    var distance: Dependent
    var tiltX: Dependent = .zero
    var tiltY: Dependent = .zero
  }

  var legs: [Leg] = []
  /// In metres.
  var shiftX: Dependent = .zero
  var shiftY: Dependent = .zero
  /// Coefficients in radians by Noll index.
  var aberrations: [Int: Dependent] = [:]

  /// Metres from plane to plane.
  var distance: Double { legs.reduce(0) { $0 + $1.distance.value } }

  /// Where the wave of frequency zero arrives, in metres from the middle of the next plane.
  func offset(wavelength: Double) -> (x: Double, y: Double) {
    var offset = (x: -shiftX.value, y: -shiftY.value)
    for leg in legs {
      let space = FreeSpace(wavelength: wavelength, distance: leg.distance.value)
      offset.x += space.walk(fx: leg.tiltX.value, fy: 0)
      offset.y += space.walk(fx: leg.tiltY.value, fy: 0)
    }
    return offset
  }

  /// Whether any of its quantities depends on a parameter.
  var hasDerivatives: Bool {
    (legs.flatMap { [$0.distance, $0.tiltX, $0.tiltY] } + [shiftX, shiftY] + aberrations.values)
      .contains { !$0.slopes.isEmpty }
  }

  /// Whether two hops have one transfer function, whatever it depends on.
  func isSameFunction(as other: Hop) -> Bool { withoutSlopes == other.withoutSlopes }

  private var withoutSlopes: Hop {
    func plain(_ quantity: Dependent) -> Dependent { Dependent(quantity.value) }
    return Hop(
      legs: legs.map { Leg(distance: plain($0.distance), tiltX: plain($0.tiltX), tiltY: plain($0.tiltY)) },
      shiftX: plain(shiftX), shiftY: plain(shiftY), aberrations: aberrations.mapValues(plain))
  }
}

/// The medium in which hops are computed: wavelength, pupil and the canvas' band limit.
struct HopMedium: Sendable {
  let wavelength: Double
  /// The frequency at the edge of the pupil in 1/m.
  let pupil: Double
  private let isBandLimited: Bool
  private let halfWidth: Double
  private let halfHeight: Double

  init(_ geometry: GeometryDescription, canvas: PlaneGrid) {
    wavelength = geometry.wavelength
    pupil = 1 / (2 * geometry.pitch)
    isBandLimited = geometry.bandLimit
    halfWidth = Double(canvas.width) * canvas.pitch / 2
    halfHeight = Double(canvas.height) * canvas.pitch / 2
  }

  /// The phase of a hop as a function of frequency in 1/m; nil where nothing passes.
  func phase(_ hop: Hop) -> (_ fx: Double, _ fy: Double) -> Double? {
    let aberration = ZernikeSum(hop.aberrations.mapValues(\.value))
    let isAberrated = !hop.aberrations.isEmpty
    return { [self] fx, fy in
      guard let phase = propagation(hop, fx, fy) else { return nil }
      return isAberrated ? phase + aberration.value(x: fx / pupil, y: fy / pupil) : phase
    }
  }

  private func propagation(_ hop: Hop, _ fx: Double, _ fy: Double) -> Double? {
    var phase = 2 * .pi * (fx * hop.shiftX.value + fy * hop.shiftY.value)
    // A wave that walks as far as the plane is shifted arrives in its middle.
    var walkX = -hop.shiftX.value
    var walkY = -hop.shiftY.value
    for leg in hop.legs {
      let space = FreeSpace(wavelength: wavelength, distance: leg.distance.value)
      let x = fx + leg.tiltX.value
      let y = fy + leg.tiltY.value
      guard let wavenumber = space.wavenumber(fx: x, fy: y) else { return nil }
      phase += wavenumber * leg.distance.value
      walkX += space.walk(fx: x, fy: 0)
      walkY += space.walk(fx: y, fy: 0)
    }
    if isBandLimited, abs(walkX) > halfWidth || abs(walkY) > halfHeight { return nil }
    return phase
  }

  /// The quantities of a hop that depend on a parameter, with the derivatives of the hop's phase by them.
  func derivatives(_ hop: Hop) -> [HopDerivative] {
    var found: [HopDerivative] = []
    for leg in hop.legs {
      let space = FreeSpace(wavelength: wavelength, distance: leg.distance.value)
      let (tiltX, tiltY) = (leg.tiltX.value, leg.tiltY.value)
      found.append(HopDerivative(leg.distance) { space.wavenumber(fx: $0 + tiltX, fy: $1 + tiltY) ?? 0 })
      found.append(HopDerivative(leg.tiltX) { -2 * .pi * space.walk(fx: $0 + tiltX, fy: $1 + tiltY) })
      found.append(HopDerivative(leg.tiltY) { -2 * .pi * space.walk(fx: $1 + tiltY, fy: $0 + tiltX) })
    }
    found.append(HopDerivative(hop.shiftX, always: .shiftX) { fx, _ in 2 * .pi * fx })
    found.append(HopDerivative(hop.shiftY, always: .shiftY) { _, fy in 2 * .pi * fy })
    for (index, coefficient) in hop.aberrations.sorted(by: { $0.key < $1.key }) {
      found.append(
        HopDerivative(coefficient, always: .aberration(index)) { [pupil] in
          Zernike.value(noll: index, x: $0 / pupil, y: $1 / pupil)
        })
    }
    return found.filter { !$0.quantity.slopes.isEmpty }
  }
}

/// The derivative of a hop's phase by one of its quantities.
struct HopDerivative {
  /// Functions that are the same for every hop of a bench, wherever its parameters stand.
  enum Constant: Hashable {
    case shiftX, shiftY
    /// By Noll index.
    case aberration(Int)
  }

  let quantity: Dependent
  /// Nil for a function that depends on where parameters stand.
  let constant: Constant?
  /// In radians for each unit of the quantity, at a frequency in 1/m.
  let value: (_ fx: Double, _ fy: Double) -> Double

  init(
    _ quantity: Dependent, always constant: Constant? = nil, _ value: @escaping (_ fx: Double, _ fy: Double) -> Double
  ) {
    (self.quantity, self.constant, self.value) = (quantity, constant, value)
  }
}
