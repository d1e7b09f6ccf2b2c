/// What can be wrong with a data set or with how it is asked for.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// A number or a name that makes no sense; `expected` says which would.
  case argument(name: String, found: String, expected: String)
  /// A data set that cannot be used as asked.
  case dataset(name: String, place: String, expected: String)

  public var description: String {
    switch self {
    case .argument(let name, let found, let expected): "\(name) is \(found); expected \(expected)"
    case .dataset(let name, let place, let expected): "\(name): \(place): expected \(expected)"
    }
  }
}
