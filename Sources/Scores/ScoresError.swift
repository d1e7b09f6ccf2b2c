/// What can be wrong with what is to be judged.
public enum ScoresError: Error, Equatable, CustomStringConvertible {
  /// Images that cannot be judged, or judged by.
  case images(name: String, shape: [Int], expected: String)

  public var description: String {
    switch self {
    case .images(let name, let shape, let expected): "\(name): \(shape): expected \(expected)"
    }
  }
}
