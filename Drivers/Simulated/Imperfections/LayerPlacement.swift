import Arrays

/// How one layer lies beside where it should be. The pattern at r is that of R(−rotation)·(r − shift)/scale.
///
/// The plant's samples lie on the layer, not on the beam: a shift moves the light by its spectrum (``FreeSpaceHops``), rotation
/// and scale interpolate between them (``LayerResampling``). So a layer is as sharp between two samples as on
/// them.
public struct LayerPlacement: Sendable, Codable, Equatable {
  /// Metres along x and y.
  public var shiftX: Double
  public var shiftY: Double
  /// The angle in radians by which the layer turns the light away, towards −x and −y.
  public var tiltX: Double
  public var tiltY: Double
  /// Radians, from x towards y.
  public var rotation: Double
  public var scale: Double

  public init(
    shiftX: Double = 0, shiftY: Double = 0, tiltX: Double = 0, tiltY: Double = 0, rotation: Double = 0,
    scale: Double = 1
  ) {
    self.shiftX = shiftX
    self.shiftY = shiftY
    self.tiltX = tiltX
    self.tiltY = tiltY
    self.rotation = rotation
    self.scale = scale
  }

  public static let nominal = LayerPlacement()

  var shift: SIMD2<Double> { SIMD2(shiftX, shiftY) }

  /// Whether the pattern is turned or magnified.
  var isTurned: Bool { rotation != 0 || scale != 1 }
}

/// How far the layers are from their places and from being flat: standard deviations from which the seed draws, or the
/// values themselves.
public struct LayerMisplacement: Sendable, Codable, Equatable {
  /// Metres along each of x and y.
  public var shift: Double
  /// Radians about each of x and y.
  public var tilt: Double
  /// Radians.
  public var rotation: Double
  /// Of the magnification.
  public var scale: Double
  /// Metres by which each hop is longer than the nominal one.
  public var distance: Double
  /// The true placements, one for each layer, when they are not to be drawn.
  public var exact: [LayerPlacement]?
  /// The true deviations of the hops in metres, when they are not to be drawn: behind each layer; for `planes` also
  /// before the first.
  public var exactHops: [Double]?
  /// How flat each layer is not, on the circle that circumscribes it.
  public var flatness: Aberration
  /// The coefficients of each layer's flatness from Noll's index 4 on in radians, when they are not to be drawn and differ.
  public var exactFlatness: [[Double]]?
  /// The phase of each layer besides, free in form: coefficients in radians as ``LightMap`` has them, none for a layer without.
  public var maps: [[Double]]?

  public init(
    shift: Double = 0, tilt: Double = 0, rotation: Double = 0, scale: Double = 0, distance: Double = 0,
    exact: [LayerPlacement]? = nil, exactHops: [Double]? = nil, flatness: Aberration = .none,
    exactFlatness: [[Double]]? = nil, maps: [[Double]]? = nil
  ) {
    self.shift = shift
    self.tilt = tilt
    self.rotation = rotation
    self.scale = scale
    self.distance = distance
    self.exact = exact
    self.exactHops = exactHops
    self.flatness = flatness
    self.exactFlatness = exactFlatness
    self.maps = maps
  }

  func placements(_ layers: Int, seed: UInt64) -> [LayerPlacement] {
    if let exact { return exact }
    let random = CounterRandom(seed: seed).stream(named: "layer placement")
    return (0..<layers).map { layer in
      let random = random.child(UInt64(layer))
      return LayerPlacement(
        shiftX: shift * random.normal(at: 0), shiftY: shift * random.normal(at: 1), tiltX: tilt * random.normal(at: 2),
        tiltY: tilt * random.normal(at: 3), rotation: rotation * random.normal(at: 4),
        scale: 1 + scale * random.normal(at: 5))
    }
  }

  /// The coefficients of each layer's flatness from Noll's index 4 on.
  func flatness(_ layers: Int, seed: UInt64) -> [[Double]] {
    if let exactFlatness { return exactFlatness }
    let random = CounterRandom(seed: seed).stream(named: "flatness")
    return (0..<layers).map { flatness.coefficients(random.child(UInt64($0))) }
  }

  /// The phase of a layer's map at the centres of `side` × `side` equal squares; nil without one.
  func map(_ layer: Int, _ side: Int) -> [Double]? {
    guard let map = maps?[layer], let fineness = Spline.fineness(map.count) else { return nil }
    return Spline(fineness: fineness).values(map, side)
  }

  func hops(_ count: Int, seed: UInt64) -> [Double] {
    if let exactHops { return exactHops }
    let random = CounterRandom(seed: seed).stream(named: "hop distances")
    return (0..<UInt64(count)).map { distance * random.normal(at: $0) }
  }
}
