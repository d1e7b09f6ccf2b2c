/// What can be wrong with a diffusion, its data or its arguments.
public enum DiffusionError: Error, Equatable, CustomStringConvertible {
  /// A number that makes no sense; `expected` says which would.
  case argument(name: String, found: String, expected: String)
  /// A denoiser's answer that cannot be used.
  case prediction(t: Int, reason: String)
  /// A dataset that cannot be used as asked.
  case dataset(name: String, place: String, expected: String)

  public var description: String {
    switch self {
    case .argument(let name, let found, let expected): "\(name) is \(found); expected \(expected)"
    case .prediction(let t, let reason): "the denoiser's answer at t = \(t) \(reason)"
    case .dataset(let name, let place, let expected): "\(name): \(place): expected \(expected)"
    }
  }
}
