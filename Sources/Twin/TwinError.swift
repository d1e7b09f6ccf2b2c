import Optics

/// What can be wrong with a request to the twin.
public enum TwinError: Error, Equatable, CustomStringConvertible {
  /// An array does not have the shape that the bench has.
  case shape(name: String, found: [Int], expected: [Int])
  /// A value that is NaN or infinite.
  case nonFinite(name: String, index: Int)
  /// A phase so large that its fraction of a turn is lost.
  case phase(index: Int, value: Double, limit: Double)
  case unknownParameter(String, known: [String])
  /// A parameter that no bench has.
  case parameter(name: String, value: Double, expected: String)
  /// A crosstalk kernel that is larger than the plane, in samples.
  case crosstalk(size: Int, plane: Int)
  /// A description that no bench can have.
  case description(String)
  /// A registration that the detector or a layer cannot have; says why.
  case registration(String)
  case optics(OpticsError)

  public var description: String {
    switch self {
    case .shape(let name, let found, let expected):
      return "\(name) has the shape \(found), the bench expects \(expected)"
    case .nonFinite(let name, let index):
      return "\(name) holds NaN or infinity at element \(index)"
    case .phase(let index, let value, let limit):
      return
        "layers hold the phase \(value) at element \(index), expected at most \(limit) radians; wrap phases to a turn"
    case .unknownParameter(let name, let known):
      return "the twin has no parameter \(name); it has \(known.joined(separator: ", "))"
    case .parameter(let name, let value, let expected):
      return "the parameter \(name) is \(value), expected \(expected)"
    case .crosstalk(let size, let plane):
      return "the crosstalk reaches over \(size) samples, more than the \(plane) of the plane; check its width and unit"
    case .description(let message), .registration(let message):
      return message
    case .optics(let error):
      return error.description
    }
  }
}
