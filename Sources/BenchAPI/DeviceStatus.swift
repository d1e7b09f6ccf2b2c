/// One device of the bench.
public struct DeviceStatus: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable { case modulator, camera }

  public var name: String
  public var kind: Kind
  public var driver: String
  /// Nil when the device has none, or does not say.
  public var serial: String?
  /// Pixels.
  public var width: Int
  public var height: Int
  /// `disconnected`, `ready`, `running`, `paused` or `fault`.
  public var state: String
  /// What is wrong when the state is `paused` or `fault`.
  public var message: String?
  /// How it was known when the last pattern reached the panel: `flipEvent`, `verticalBlank`, `acknowledged` or `estimated`;
  /// nil for a camera and before the first pattern.
  public var evidence: String?
  /// What the device may do to patterns or pictures although its driver asked for something else, one sentence each; nil
  /// when nothing is known.
  public var warnings: [String]?

  public init(
    name: String, kind: Kind, driver: String, width: Int, height: Int, state: String, message: String? = nil,
    serial: String? = nil, evidence: String? = nil, warnings: [String] = []
  ) {
    self.name = name
    self.kind = kind
    self.driver = driver
    self.serial = serial
    self.width = width
    self.height = height
    self.state = state
    self.message = message
    self.evidence = evidence
    self.warnings = warnings.isEmpty ? nil : warnings
  }
}

/// The body of `GET /v1/devices`.
public struct DeviceList: Codable, Sendable, Equatable {
  public var devices: [DeviceStatus]

  public init(devices: [DeviceStatus]) { self.devices = devices }
}
