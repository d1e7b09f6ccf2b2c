/// What a driver reports when a device does not do what it was asked to.
public enum DeviceError: Error, Equatable, CustomStringConvertible {
  /// A pattern does not have the size of the panel.
  case wrongPatternSize(device: String, expected: [Int], found: [Int])
  /// A frame does not have the size of the sensor.
  case wrongFrameSize(device: String, expected: [Int], found: [Int])
  /// A pattern was shown or released that the device does not hold.
  case unknownPattern(device: String)
  /// A setting lies outside of what the device accepts.
  case invalidSetting(device: String, setting: String, value: String, accepted: String)
  /// No frame arrived before the deadline.
  case noFrame(device: String)
  /// The device is not in the state that the call needs.
  case notRunning(device: String)
  /// No driver of this name is registered.
  case unknownDriver(name: String, known: [String])

  public var description: String {
    switch self {
    case .wrongPatternSize(let device, let expected, let found):
      "\(device): the pattern has \(found) pixels (width, height), the panel has \(expected)"
    case .wrongFrameSize(let device, let expected, let found):
      "\(device): the frame has \(found) pixels (width, height), the sensor has \(expected)"
    case .unknownPattern(let device): "\(device): the pattern was never uploaded or has been released"
    case .invalidSetting(let device, let setting, let value, let accepted):
      "\(device): \(setting) \(value) is not accepted; give \(accepted)"
    case .noFrame(let device): "\(device): no frame arrived before the deadline"
    case .notRunning(let device): "\(device): the device is not running; start it first"
    case .unknownDriver(let name, let known):
      "no driver '\(name)' for this kind of device; known: \(known.joined(separator: ", "))"
    }
  }
}
