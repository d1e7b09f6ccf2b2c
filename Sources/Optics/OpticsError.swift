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
