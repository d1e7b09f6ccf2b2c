import StrictYAML

/// How a bench that drifts is watched between jobs. The part `drift` of a bench file.
public struct DriftWatch: Sendable, Codable, Equatable {
  /// When what has drifted is calibrated again.
  public enum Policy: String, Sendable, Codable, CaseIterable {
    /// It is measured, and nothing else.
    case never
    /// It is said what would be calibrated.
    case ask
    /// It is calibrated, as a job of its own.
    case automatic
  }

  public var policy: Policy
  /// Seconds from one probe to the next.
  public var every: Double
  /// How many times the discrepancy at the start of a calibration is too much.
  public var threshold: Double

  public init(policy: Policy = .ask, every: Double = 600, threshold: Double = 1.5) {
    (self.policy, self.every, self.threshold) = (policy, every, threshold)
  }
}

enum DriftSchema {
  static var watch: Schema<DriftWatch> {
    Schema(DriftWatch()) {
      Key(
        "policy", \.policy, .choice,
        "when the group of parameters that has drifted is calibrated again: never; by a command that odud names; or by a job that "
          + "odud submits")
      Key(
        "every", \.every, .number(Quantity(10...1e6, unit: "seconds", prefixes: [])),
        "from one probe to the next; one waits until the bench is free")
      Key(
        "threshold", \.threshold, .number(Quantity(1.01...100)),
        "times the discrepancy at the start of the calibration, beyond which the bench has drifted")
    }
  }
}
