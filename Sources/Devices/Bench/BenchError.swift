import Arrays
import Measuring

/// Why the bench did not measure.
public enum BenchError: Error, Equatable, CustomStringConvertible {
  /// Layers or images do not have the shape that the layout has places for.
  case wrongShape(what: String, expected: [Int], found: [Int])
  /// A phase or image value is not finite.
  case notFinite(what: String, plane: Int, y: Int, x: Int)
  /// An image value is outside 0…1.
  case outOfRange(value: Float, plane: Int, y: Int, x: Int)
  /// The detector region cannot be divided into blocks of this size.
  case wrongBlock(block: Int, width: Int, height: Int)
  /// A region of the layout does not fit on its device.
  case outsideDevice(what: String, device: String, region: Region, width: Int, height: Int)
  /// A value of the layout makes no sense.
  case invalidLayout(key: String, value: String, accepted: String)
  /// The bench has no modulator of that name.
  case unknownModulator(name: String, known: [String])
  /// No frame could be credited to the pattern before the deadline.
  case noMatchingFrame(input: Int, deadline: Double, seen: MatchingReport)
  /// The camera delivered nothing for a time, in seconds, in which it should have delivered many frames.
  case silentCamera(camera: String, input: Int, silence: Double)
  /// The bench is not ready.
  case notReady(state: DeviceState)
  /// Another measurement is under way.
  case busy

  public var description: String {
    switch self {
    case .wrongShape(let what, let expected, let found): "\(what) have the shape \(found), the bench needs \(expected)"
    case .notFinite(let what, let plane, let y, let x):
      "\(what) hold a value that is not finite, in plane \(plane) at row \(y), column \(x)"
    case .outOfRange(let value, let plane, let y, let x):
      "image \(plane) holds \(value) at row \(y), column \(x); values must be in 0…1"
    case .wrongBlock(let block, let width, let height):
      "a block of \(block) does not divide the detector region of \(width) × \(height) samples"
    case .outsideDevice(let what, let device, let region, let width, let height):
      "\(what) (x \(region.x), y \(region.y), \(region.width) × \(region.height)) does not fit on \(device), "
        + "which has \(width) × \(height) pixels"
    case .invalidLayout(let key, let value, let accepted): "layout: \(key) is \(value); give \(accepted)"
    case .unknownModulator(let name, let known):
      "there is no modulator \(name); there are \(known.joined(separator: ", "))"
    case .noMatchingFrame(let input, let deadline, let seen):
      "no frame could be credited to image \(input) within \(deadline) s; frames seen: "
        + (seen.rejected == 0 ? "none" : "\(seen)")
    case .silentCamera(let camera, let input, let silence):
      "\(camera): no frame arrived for \(silence) s while image \(input) was shown; see whether it is triggered, and give "
        + "layout.timing.deadline more time if its exposures are as long"
    case .notReady(let state): "the bench is not ready (\(state)); start it first"
    case .busy: "the bench is measuring for someone else"
    }
  }
}
