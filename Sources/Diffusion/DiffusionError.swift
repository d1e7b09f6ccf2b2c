/// What can be wrong with a diffusion or its arguments.
public enum DiffusionError: Error, Equatable, CustomStringConvertible {
  /// A number that makes no sense; `expected` says which would.
  case argument(name: String, found: String, expected: String)
  /// A denoiser's answer that cannot be used.
  case prediction(t: Int, reason: String)

  public var description: String {
    switch self {
    case .argument(let name, let found, let expected): "\(name) is \(found); expected \(expected)"
    case .prediction(let t, let reason): "the denoiser's answer at t = \(t) \(reason)"
    }
  }
}
