/// One device of the bench.
public struct DeviceStatus: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable { case modulator, camera }

  /// A warning that programs can tell from the others.
  public struct Effect: Codable, Sendable, Equatable {
    /// `automatic`, `limitedRange`, `dithering` or `scaling`.
    public var kind: String
    /// The warning.
    public var words: String

    public init(kind: String, words: String) { (self.kind, self.words) = (kind, words) }
  }

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
  /// Those of the warnings that have a name; nil when none has.
  public var effects: [Effect]?
  /// Patterns or frames per second.
  public var rate: Double?
  /// The USB bus that it is on, such as `usb1`; nil for a device elsewhere, and where that is not known.
  public var bus: String?

  public init(
    name: String, kind: Kind, driver: String, width: Int, height: Int, state: String, message: String? = nil,
    serial: String? = nil, evidence: String? = nil, warnings: [String] = [],
    effects: [Effect] = [], rate: Double? = nil, bus: String? = nil
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
    self.effects = effects.isEmpty ? nil : effects
    self.rate = rate
    self.bus = bus
  }
}

/// The body of `GET /v1/devices`.
public struct DeviceList: Codable, Sendable, Equatable {
  public var devices: [DeviceStatus]

  public init(devices: [DeviceStatus]) { self.devices = devices }
}
