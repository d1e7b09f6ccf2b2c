import Devices

/// Why a simulated bench could not be made.
public enum SimulatedError: Error, Equatable, CustomStringConvertible {
  /// A value of the configuration or of the optics makes no sense.
  case invalid(key: String, value: String, accepted: String)
  /// The layout and the optics contradict each other.
  case layoutMismatch(key: String, layout: Int, optics: Int)
  /// There is no Fourier transform of this length.
  case transform(length: Int)

  public var description: String {
    switch self {
    case .invalid(let key, let value, let accepted): "simulated bench: \(key) is \(value); give \(accepted)"
    case .layoutMismatch(let key, let layout, let optics):
      "simulated bench: \(key) is \(layout) in the layout and \(optics) in the optics; they must agree"
    case .transform(let length): "simulated bench: no Fourier transform of length \(length) can be planned"
    }
  }
}

extension SimulatedError: KeyedError {
  public var key: String {
    switch self {
    case .invalid(let key, _, _): "\(sectionName).\(key)"
    case .layoutMismatch(let key, _, _): "layout.\(key)"
    case .transform: sectionName
    }
  }

  public var mistake: String {
    switch self {
    case .invalid(_, let value, let accepted): "\(value) is not possible here; give \(accepted)"
    case .layoutMismatch(_, let layout, let optics): "\(layout), where the twin has \(optics); they must agree"
    case .transform: description
    }
  }
}
