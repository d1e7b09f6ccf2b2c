/// Why a bench file that could be read cannot be used.
public enum BenchFileError: Error, Equatable, CustomStringConvertible {
  /// The file describes a twin only, and devices were asked for.
  case noDevices(path: String)

  public var description: String {
    switch self {
    case .noDevices(let path):
      "\(path): the file has no `devices` section and describes only a twin; add one to measure with it"
    }
  }
}
