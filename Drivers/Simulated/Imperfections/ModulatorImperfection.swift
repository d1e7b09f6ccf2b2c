import Arrays
import Foundation

/// What the layer modulator shows instead of what it should. For u = level/levelsPerTurn the phase is
/// 2π(R(u) + slope·u + quadratic·u(1 − u) + sine·sin(2πu)/2), with a slope of its own in each region of a layer; R is ``curve`` in
/// turns, or u itself.
public struct ModulatorImperfection: Sendable, Codable, Equatable {
  /// The phase in radians at equally spaced u from 0 to 1, both included, with straight lines between them; u itself when absent.
  public var curve: [Double]?
  /// Of the response.
  public var slope: Double
  public var quadratic: Double
  /// Turns from the lowest to the highest deviation of the sinusoidal term.
  public var sine: Double
  /// Parts along each side of a layer with a slope of their own, and its standard deviation.
  public var regions: Int
  public var regionalSlope: Double
  /// The slopes of each layer's regions, row by row, when they are not to be drawn.
  public var exactRegionalSlopes: [[Double]]?
  /// Modulated part of the area of a panel pixel, a centred square. The rest reflects with unit amplitude.
  public var fillFactor: Double
  /// The phase of the rest in radians.
  public var deadPhase: Double
  /// Standard deviation in metres of the Gaussian with which the phase of neighbouring pixels runs together.
  public var crosstalk: Double
  /// Along x it is (1 + aspect) times as wide, along y (1 − aspect) times; towards larger coordinates (1 + skew) times, towards smaller
  /// ones (1 − skew) times, with its centre of mass in the middle.
  public var crosstalkAspect: Double
  public var crosstalkSkewX: Double
  public var crosstalkSkewY: Double
  /// A kernel of odd size on panel pixels instead, such as that of a fringing field; normalised.
  public var crosstalkKernel: [[Double]]?

  public init(
    slope: Double = 0, quadratic: Double = 0, sine: Double = 0, regions: Int = 1, regionalSlope: Double = 0,
    fillFactor: Double = 1, deadPhase: Double = 0, crosstalk: Double = 0, crosstalkKernel: [[Double]]? = nil,
    curve: [Double]? = nil, exactRegionalSlopes: [[Double]]? = nil, crosstalkAspect: Double = 0,
    crosstalkSkewX: Double = 0, crosstalkSkewY: Double = 0
  ) {
    self.slope = slope
    self.quadratic = quadratic
    self.sine = sine
    self.regions = regions
    self.regionalSlope = regionalSlope
    self.fillFactor = fillFactor
    self.deadPhase = deadPhase
    self.crosstalk = crosstalk
    self.crosstalkKernel = crosstalkKernel
    (self.crosstalkAspect, self.crosstalkSkewX, self.crosstalkSkewY) = (crosstalkAspect, crosstalkSkewX, crosstalkSkewY)
    self.curve = curve
    self.exactRegionalSlopes = exactRegionalSlopes
  }

  public static let none = ModulatorImperfection()

  /// The deviating slopes of each layer's regions, row by row.
  func regionalSlopes(_ layers: Int, seed: UInt64) -> [[Double]] {
    if let exactRegionalSlopes { return exactRegionalSlopes }
    let random = CounterRandom(seed: seed).stream(named: "modulator regions")
    return (0..<UInt64(layers)).map { layer in
      (0..<UInt64(regions * regions)).map { regionalSlope * random.child(layer).normal(at: $0) }
    }
  }
}

/// The light that falls on the input: the amplitude exp(−(c·ρ² + a·ξ + b·η)), with ξ, η = ±1 at the edges of a layer and
/// ρ² = ξ² + η², and its wavefront on the circle that circumscribes the layer. A map comes on top of both.
public struct SourceImperfection: Sendable, Codable, Equatable {
  public var curvature: Double
  public var slopeX: Double
  public var slopeY: Double
  public var aberration: Aberration
  /// Nil when there is nothing besides.
  public var map: LightMap?

  public init(
    curvature: Double = 0, slopeX: Double = 0, slopeY: Double = 0, aberration: Aberration = .none, map: LightMap? = nil
  ) {
    self.curvature = curvature
    self.slopeX = slopeX
    self.slopeY = slopeY
    self.aberration = aberration
    self.map = map
  }

  public static let none = SourceImperfection()
}

/// The input on every layer behind the first again, as the phase scale·value in radians.
public struct RepeatedInput: Sendable, Codable, Equatable {
  public var scale: Double

  public init(scale: Double) {
    self.scale = scale
  }
}

extension ModulatorImperfection {
  /// Whether the panel shows what it should, all over its surface.
  var showsAsTold: Bool {
    slope == 0 && quadratic == 0 && sine == 0 && regionalSlope == 0 && fillFactor == 1 && crosstalk == 0
      && crosstalkKernel == nil && curve == nil && exactRegionalSlopes == nil
  }

  /// The phase of each grey level in radians, in a region whose slope deviates.
  func response(regionalSlope: Double, _ levelsPerTurn: Int) -> [Double] {
    (0..<256).map { level in
      let u = Double(level) / Double(levelsPerTurn)
      let bent = u * (1 + slope + regionalSlope) + quadratic * u * (1 - u) + sine * sin(2 * .pi * u) / 2
      return 2 * .pi * bent + (curveDeviation(u) ?? 0)
    }
  }

  /// How far the curve is from 2πu in radians, beyond the last u on its last line; nil without one.
  private func curveDeviation(_ u: Double) -> Double? {
    guard let curve, curve.count > 1 else { return nil }
    let position = u * Double(curve.count - 1)
    let index = min(Int(position), curve.count - 2)
    return curve[index] + (curve[index + 1] - curve[index]) * (position - Double(index)) - 2 * .pi * u
  }
}
