/// What a driver reports when a device does not do what it was asked to.
public enum DeviceError: Error, Equatable, CustomStringConvertible {
  /// A pattern does not have the size of the panel.
  case wrongPatternSize(device: String, expected: [Int], found: [Int])
  /// A frame does not have the size of the sensor.
  case wrongFrameSize(device: String, expected: [Int], found: [Int])
  /// A grey level of a pattern is more than the panel has.
  case levelOutOfRange(device: String, level: Int, greyLevels: Int)
  /// A pattern was shown or released that the device does not hold.
  case unknownPattern(device: String)
  /// A setting lies outside of what the device accepts.
  case invalidSetting(device: String, setting: String, value: String, accepted: String)
  /// The driver has no such setting.
  case unknownSetting(device: String, setting: String, known: [String])
  /// The device cannot do what was asked; `supported` lists what it can.
  case unsupported(device: String, what: String, supported: [String])
  /// No frame arrived before the deadline.
  case noFrame(device: String)
  /// The device is not in the state that the call needs.
  case notRunning(device: String)
  /// There is no such device; `present` lists those that there are.
  case absent(device: String, present: [String])
  /// The path leads to something else than such a device.
  case notADevice(path: String, expected: String, found: String)
  /// The user may not open the device; the group has access.
  case noPermission(path: String, group: String?)
  /// Another program uses the device.
  case inUse(device: String, reason: String)
  /// The device was unplugged or its driver went away. It can be opened again when it is back.
  case disconnected(device: String, reason: String)
  /// The device is there and did not do what it should. Closing it and opening it again may help.
  case failed(device: String, operation: String, reason: String)
  /// No driver of this name is registered.
  case unknownDriver(name: String, known: [String])

  /// Whether opening the device again may put this right.
  public var mayRecover: Bool {
    switch self {
    case .disconnected, .failed: true
    default: false
    }
  }

  /// The device that is gone or failed; nil for every other error.
  public var device: String? {
    switch self {
    case .disconnected(let device, _), .failed(let device, _, _): device
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .wrongPatternSize(let device, let expected, let found):
      "\(device): the pattern has \(found) pixels (width, height), the panel has \(expected)"
    case .wrongFrameSize(let device, let expected, let found):
      "\(device): the frame has \(found) pixels (width, height), the sensor has \(expected)"
    case .levelOutOfRange(let device, let level, let greyLevels):
      "\(device): the pattern holds the level \(level), the panel has 0…\(greyLevels - 1)"
    case .unknownPattern(let device): "\(device): the pattern was never uploaded or has been released"
    case .invalidSetting(let device, let setting, let value, let accepted):
      "\(device): \(setting) \(value) is not accepted; give \(accepted)"
    case .unknownSetting(let device, let setting, let known):
      "\(device): the setting '\(setting)' is not accepted; give one of \(known.joined(separator: ", "))"
    case .unsupported(let device, let what, let supported):
      "\(device): \(what) is not supported; "
        + (supported.isEmpty ? "nothing of the kind is" : "there is \(supported.joined(separator: ", "))")
    case .noFrame(let device): "\(device): no frame arrived before the deadline"
    case .notRunning(let device): "\(device): the device is not running; start it first"
    case .absent(let device, let present):
      "\(device): there is no such device; "
        + (present.isEmpty ? "none of its kind is here" : "here are \(present.joined(separator: ", "))")
        + ". Plug it in, or correct the bench file; `odu-ctl devices` lists what is there"
    case .notADevice(let path, let expected, let found): "\(path): this is \(found), not \(expected)"
    case .noPermission(let path, let group):
      "\(path): you may not open it; "
        + (group.map { "members of the group \($0) may: sudo usermod -aG \($0) $USER, then log in again" }
          ?? "only root may; install udev/70-odu.rules, which gives it to the group odu")
    case .inUse(let device, let reason): "\(device): \(reason)"
    case .disconnected(let device, let reason): "\(device): the device is gone (\(reason)); plug it in again"
    case .failed(let device, let operation, let reason): "\(device): \(operation) failed: \(reason)"
    case .unknownDriver(let name, let known):
      "no driver '\(name)' for this kind of device; known: \(known.joined(separator: ", "))"
    }
  }
}
