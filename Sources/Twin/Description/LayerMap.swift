import Foundation

/// What a layer does to the phase of the light wherever it does more than parameters say, free in form: a bicubic spline over the layer
/// with `fineness` × `fineness` coefficients, on top of the layer's Zernike polynomials.
public struct LayerMap: Sendable, Codable, Equatable {
  /// Coefficients along each side.
  public let fineness: Int
  /// In radians, row by row.
  public var phase: [Double]

  /// A map that changes nothing.
  public init(fineness: Int) {
    self.fineness = fineness
    phase = [Double](repeating: 0, count: fineness * fineness)
  }

  /// - Throws: ``TwinError/description(_:)`` for a map that is none.
  func validate() throws(TwinError) {
    guard SourceMap.possible.contains(fineness), phase.count == fineness * fineness else {
      throw .description(
        "a layer's map has \(phase.count) coefficients for \(fineness) along a side, expected the square of a number in "
          + "\(SourceMap.possible.lowerBound)…\(SourceMap.possible.upperBound)")
    }
    guard phase.allSatisfy({ abs($0) <= SourceMap.largest }) else {
      throw .description("a layer's map has a coefficient that is not finite or beyond ±\(SourceMap.largest)")
    }
  }

  /// The phase in radians at `[side, side]` points over the layer.
  package func values(side: Int) -> [Double] { BicubicSpline(fineness: fineness, side: side).values(phase) }

  /// Root mean square of the phase over the layer, in radians.
  public var rms: Double {
    let values = values(side: 4 * fineness)
    return (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
  }
}

/// What of a bench has a form that no parameters describe.
public struct FreeForms: Sendable, Equatable {
  /// The light on the input.
  public var source: SourceMap?
  /// The layers, one map for each.
  public var layers: [LayerMap]?

  public init(source: SourceMap? = nil, layers: [LayerMap]? = nil) { (self.source, self.layers) = (source, layers) }

  /// - Throws: ``TwinError/description(_:)``.
  func validate(for geometry: GeometryDescription) throws(TwinError) {
    try source?.validate()
    guard let layers else { return }
    guard layers.count == geometry.layers else {
      throw .description("there are maps of \(layers.count) layers, expected \(geometry.layers)")
    }
    for map in layers { try map.validate() }
  }
}

extension TwinDescription {
  public var forms: FreeForms {
    get { FreeForms(source: source.map, layers: modulator.maps) }
    set { (source.map, modulator.maps) = (newValue.source, newValue.layers) }
  }
}

/// What is believed of the phase of every layer beyond its parameters before frames are seen: a random field with Gaussian correlation.
public struct LayerRoughness: Sendable, Equatable {
  /// Root mean square in radians.
  public var rms: Double
  /// Metres over which the correlation falls to e^(−1/2).
  public var length: Double

  public init(rms: Double, length: Double) { (self.rms, self.length) = (rms, length) }

  /// What is believed of a layer of which nobody says anything: λ/60, over a twelfth of its width.
  public init(of geometry: GeometryDescription) {
    self.init(rms: 0.1, length: Double(geometry.grid) * geometry.pitch / 12)
  }

  /// Coefficients along each side of a spline whose independent coefficients make such a field.
  ///
  /// Coefficients h apart that are independent make a field whose correlation is that of a B-spline, which has the variance h²/3, with
  /// itself; white noise that a Gaussian of the variance length²/2 blurs makes the field itself.
  func fineness(of geometry: GeometryDescription) -> Int {
    let knots = length * 1.5.squareRoot()
    let intervals = (Double(geometry.grid) * geometry.pitch / knots).rounded(.up)
    return 3 + Int(min(max(intervals, 1), Double(SourceMap.possible.upperBound - 3)))
  }

  /// Standard deviation of such a coefficient: the squares of a B-spline's weights add up to 0.48 on average, along each direction.
  var deviation: Double { rms / Self.meanSquares }

  /// ∫ B² of the cubic B-spline with knots one apart.
  private static let meanSquares = 151.0 / 315
}
