/// Why a fit could not be made.
public enum FitError: Error, Equatable, CustomStringConvertible {
  /// There is nothing to fit to.
  case noFrames
  /// Patterns, images, frames and held-out frames do not go together; says how.
  case counts(String)
  /// Every sample of a frame is the same.
  case dark(frame: Int)
  /// More than half of a frame is clipped.
  case saturated(frame: Int, part: Double)
  /// No parameter is free.
  case nothingFree
  /// A parameter is named twice.
  case duplicate(String)
  /// A parameter whose bounds, scale or prior no fit can use.
  case parameter(name: String, problem: String)
  /// The frames do not change at all with a combination of parameters.
  case singular(combination: String)
  /// The twin's frames at the start are NaN or infinite, or too bright to be squared.
  case nonFinite

  public var description: String {
    switch self {
    case .noFrames: "there are no frames to fit to"
    case .counts(let message): message
    case .dark(let frame):
      "frame \(frame) is dark: all of its samples are equal; check the light, the shutter and the detector's region"
    case .saturated(let frame, let part):
      "\(Int(100 * part)) % of frame \(frame) is saturated; take it again with less light or a shorter exposure"
    case .nothingFree: "no parameter is free; name at least one"
    case .duplicate(let name): "the parameter \(name) is named twice among the free ones"
    case .parameter(let name, let problem): "the parameter \(name) cannot be fitted: \(problem)"
    case .singular(let combination):
      "the fit is singular: these frames do not depend on \(combination); fix it, or measure patterns that show it"
    case .nonFinite:
      "the twin's frames at the start are not finite numbers that can be squared; check power, illumination and patterns"
    }
  }
}
