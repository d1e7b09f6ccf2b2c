import Arrays

/// How far the plant is from its nominal geometry: either drawn from the seed within ranges, or given.
public struct Misalignment: Sendable, Codable, Equatable {
  /// Range of the magnitude of the two beam angles in radians; signs are drawn.
  public var beam: ClosedInterval
  /// Range of the magnitude of the two mirror angles in radians; signs are drawn.
  public var mirror: ClosedInterval
  /// The distance differs from the nominal one by at most this much, in metres.
  public var distance: Double
  /// The true values, when they are not to be drawn.
  public var exact: Alignment?

  public init(
    beam: ClosedInterval = ClosedInterval(minimum: 1e-3, maximum: 3e-3),
    mirror: ClosedInterval = ClosedInterval(minimum: 1e-3, maximum: 2e-3), distance: Double = 100e-6,
    exact: Alignment? = nil
  ) {
    self.beam = beam
    self.mirror = mirror
    self.distance = distance
    self.exact = exact
  }

  /// The true values for a nominal distance.
  func alignment(nominalDistance: Double, seed: UInt64) -> Alignment {
    if let exact { return exact }
    let random = CounterRandom(seed: seed).stream(named: "misalignment")
    func angle(_ range: ClosedInterval, _ index: UInt64) -> Double {
      let magnitude = range.minimum + (range.maximum - range.minimum) * random.uniform(at: 2 * index)
      return random.uniform(at: 2 * index + 1) < 0.5 ? -magnitude : magnitude
    }
    return Alignment(
      distance: nominalDistance + distance * (2 * random.uniform(at: 100) - 1),
      mirrorX: angle(mirror, 0), mirrorY: angle(mirror, 1), beamX: angle(beam, 2), beamY: angle(beam, 3))
  }
}

/// A range with both ends.
public struct ClosedInterval: Sendable, Codable, Equatable {
  public var minimum: Double
  public var maximum: Double

  public init(minimum: Double, maximum: Double) {
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// The five alignment parameters of the paper (Oguz et al., appendix A.1), as the plant has them. An angle is twice the
/// physical tilt; positive angles deflect towards −x and −y.
public struct Alignment: Sendable, Codable, Equatable {
  /// `planes`: every gap. `cavity`: from modulator to mirror. In metres.
  public var distance: Double
  /// Angles in radians; those of the mirror have no effect on `planes`.
  public var mirrorX: Double
  public var mirrorY: Double
  public var beamX: Double
  public var beamY: Double

  public init(
    distance: Double, mirrorX: Double = 0, mirrorY: Double = 0, beamX: Double = 0, beamY: Double = 0
  ) {
    self.distance = distance
    self.mirrorX = mirrorX
    self.mirrorY = mirrorY
    self.beamX = beamX
    self.beamY = beamY
  }
}
