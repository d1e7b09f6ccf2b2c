import Measuring

/// A number that a routine found, and how sure it is.
public struct Found: Sendable, Equatable {
  public var value: Double
  /// Its standard deviation.
  public var deviation: Double

  func estimate(_ name: String, _ unit: String) -> Estimate {
    Estimate(name: name, unit: unit, value: value, standardDeviation: deviation)
  }
}
