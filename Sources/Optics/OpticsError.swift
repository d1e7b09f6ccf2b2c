/// What can be wrong with a request to the optics.
public enum OpticsError: Error, Equatable, CustomStringConvertible {
  /// The distance undersamples the transfer function and the band limit is off.
  case undersampled(SamplingReport)
  /// A number that must be finite, positive or within a range is not.
  case invalid(name: String, value: String, expected: String)
  /// FFTW refused a size.
  case transform(height: Int, width: Int)

  public var description: String {
    switch self {
    case .undersampled(let report):
      return report.violation
    case .invalid(let name, let value, let expected):
      return "\(name) is \(value), expected \(expected)"
    case .transform(let height, let width):
      return "no Fourier transform can be planned for \(height)×\(width) samples"
    }
  }
}

/// How well a padded plane samples the transfer function of a distance.
public struct SamplingReport: Sendable, Equatable {
  /// The distance in metres.
  public let distance: Double
  /// The largest distance that the padded plane samples fully, N·pitch²/λ of its shorter side, in metres.
  public let criticalDistance: Double
  /// The part of the frequency axis (of the shorter side) that the band limit keeps; 1 when nothing is cut.
  public let partKept: Double
  /// The padding that would sample this distance fully.
  public let sufficientPadding: Double

  /// Whether the distance is too long for the plane.
  public var isUndersampled: Bool { abs(distance) > criticalDistance }

  /// One line for the user when the band limit is on and cuts.
  public var warning: String? {
    guard isUndersampled else { return nil }
    return """
      distance \(metres(distance)) exceeds \(metres(criticalDistance)) (N·pitch²/λ on the padded grid): the band limit \
      keeps \(percent(partKept)) of each frequency axis; padding \(rounded(sufficientPadding)) would keep all of it
      """
  }

  /// One line for the user when the band limit is off.
  public var violation: String {
    """
    distance \(metres(distance)) undersamples the transfer function: the limit is \(metres(criticalDistance)) \
    (N·pitch²/λ on the padded grid); use padding \(rounded(sufficientPadding)) or more, a distance of at most \
    \(metres(criticalDistance)), or the band limit
    """
  }

  private func metres(_ value: Double) -> String { "\((value * 1e9).rounded() / 1e6) mm" }
  private func percent(_ value: Double) -> String { "\((value * 1e4).rounded() / 100) %" }
  private func rounded(_ value: Double) -> String { "\((value * 100).rounded(.up) / 100)" }
}
