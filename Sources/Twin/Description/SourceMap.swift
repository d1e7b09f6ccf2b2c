/// What the light on the input has that no parameter describes: its phase, and its amplitude as a logarithm, free in form.
///
/// Both are bicubic splines over the layer with `fineness` × `fineness` coefficients. What the parameters say of the source, Zernike
/// aberrations and profile, comes on top.
public struct SourceMap: Sendable, Codable, Equatable {
  /// Coefficients along each side.
  public let fineness: Int
  /// In radians, row by row.
  public var phase: [Double]
  /// Natural logarithm of the amplitude, row by row.
  public var logAmplitude: [Double]

  /// A map that changes nothing.
  public init(fineness: Int) {
    self.fineness = fineness
    phase = [Double](repeating: 0, count: fineness * fineness)
    logAmplitude = phase
  }

  /// A cubic spline has four coefficients where it is one polynomial.
  public static let possible = 4...512

  /// - Throws: ``TwinError/description(_:)`` for a map that is none.
  func validate() throws(TwinError) {
    guard Self.possible.contains(fineness) else {
      throw .description(
        "the source's map has \(fineness) coefficients along a side, expected "
          + "\(Self.possible.lowerBound)…\(Self.possible.upperBound)")
    }
    guard phase.count == fineness * fineness, logAmplitude.count == phase.count else {
      throw .description(
        "the source's map has \(phase.count) and \(logAmplitude.count) coefficients, expected \(fineness * fineness)")
    }
    guard (phase + logAmplitude).allSatisfy({ abs($0) <= Self.largest }) else {
      throw .description("the source's map has a coefficient that is not finite or beyond ±\(Self.largest)")
    }
  }

  /// Beyond it there is no light any more, or only a number.
  static let largest = 1e3

  /// The map on finer or coarser coefficients: the one that is closest on 4 × 4 points for each of them.
  public func resampled(_ fineness: Int) throws -> SourceMap {
    guard fineness != self.fineness else { return self }
    let side = 4 * max(fineness, self.fineness)
    let (from, to) = (BicubicSpline(fineness: self.fineness, side: side), BicubicSpline(fineness: fineness, side: side))
    var result = SourceMap(fineness: fineness)
    result.phase = try to.coefficients(closestTo: from.values(phase))
    result.logAmplitude = try to.coefficients(closestTo: from.values(logAmplitude))
    return result
  }
}
