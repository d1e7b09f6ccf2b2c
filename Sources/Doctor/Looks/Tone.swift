import Foundation

/// The swing of a quantity at one frequency, by least squares. The times need not be evenly spaced, and the frequency may be far above
/// that of the samples: only their own times count.
struct Tone {
  let amplitude: Double
  /// The part of the quantity's variance that the swing explains.
  let share: Double

  /// A frequency whose phase hardly differs between the samples looks like a constant. A sine and a cosine over whole periods have a
  /// mean square of 1/2; a tenth of that still fixes both.
  private static let leastSquare = 0.05

  /// - Parameters:
  ///   - times: in seconds.
  ///   - frequency: per second.
  init?(of values: [Double], at times: [Double], frequency: Double) {
    guard values.count == times.count, values.count > 4 else { return nil }
    let phases = times.map { 2 * .pi * frequency * ($0 - times[0]) }
    let (sines, cosines) = (Self.centred(phases.map { sin($0) }), Self.centred(phases.map { cos($0) }))
    let centred = Self.centred(values)
    let (ss, cc, sc) = (Self.mean(sines, sines), Self.mean(cosines, cosines), Self.mean(sines, cosines))
    let determinant = ss * cc - sc * sc
    let smaller = (ss + cc) / 2 - ((ss - cc) * (ss - cc) / 4 + sc * sc).squareRoot()
    guard smaller > Self.leastSquare else { return nil }
    let (sv, cv, vv) = (Self.mean(sines, centred), Self.mean(cosines, centred), Self.mean(centred, centred))
    let (a, b) = ((sv * cc - cv * sc) / determinant, (cv * ss - sv * sc) / determinant)
    amplitude = (a * a + b * b).squareRoot()
    share = vv > 0 ? (a * sv + b * cv) / vv : 0
  }

  private static func centred(_ values: [Double]) -> [Double] {
    let average = values.average
    return values.map { $0 - average }
  }

  private static func mean(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count)
  }
}

extension Tone {
  /// The part of the variance that chance does not explain by one frequency: of 32 values without any swing, one set in a million has
  /// one that explains 60 %.
  static let sureShare = 0.6
  /// Values from which on that holds.
  static let values = 24
  /// The part of the light by which a swing is worth a finding: what a laser of 1 % varies by anyway.
  static let limit = 0.01
}
