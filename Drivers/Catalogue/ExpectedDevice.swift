import Devices

/// A device that a bench file asks for.
public struct ExpectedDevice: Sendable, Equatable {
  /// The key of the bench file, such as `layerModulator`.
  public var role: String
  public var kind: FoundDevice.Kind
  public var driver: String
  public var settings: Driver.Settings

  public init(role: String, kind: FoundDevice.Kind, driver: String, settings: Driver.Settings = [:]) {
    self.role = role
    self.kind = kind
    self.driver = driver
    self.settings = settings
  }

  /// What the setting `device` names; nil when it leaves the choice to the driver.
  public var device: String? {
    guard let device = settings["device"], !device.isEmpty, device != "any" else { return nil }
    return device
  }
}

/// Whether an expected device is there, and if not, why.
public struct DeviceDiagnosis: Sendable, Codable, Equatable {
  public var role: String
  public var kind: FoundDevice.Kind
  public var driver: String
  /// What the bench file calls the device; nil when it leaves the choice to the driver.
  public var device: String?
  /// Whether it can be opened, as far as can be seen without opening it.
  public var usable: Bool
  /// The device that is meant, when it was found.
  public var found: FoundDevice?
  /// Why it cannot be opened and what to do, the first cause first; empty when it can.
  public var reasons: [String]

  init(_ expected: ExpectedDevice, found: FoundDevice?, reasons: [String]) {
    role = expected.role
    kind = expected.kind
    driver = expected.driver
    device = expected.device
    usable = reasons.isEmpty
    self.found = found
    self.reasons = reasons
  }
}
