/// A device that a driver sees on this machine, whether or not a bench uses it.
public struct FoundDevice: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable { case modulator, camera }

  public var kind: Kind
  /// The driver that would open it.
  public var driver: String
  /// What the device calls itself.
  public var name: String
  /// The value of the driver's setting `device` that opens it, as stable as there is one.
  public var path: String
  /// Its serial number; nil when it has none, or does not say.
  public var serial: String?
  /// Other paths and names that open it, too.
  public var aliases: [String]
  /// What it can do, one line each: formats, sizes, rates, connectors.
  public var abilities: [String]
  /// Why it cannot be opened as things are; nil when nothing is known against it.
  public var problem: String?

  public init(
    kind: Kind, driver: String, name: String, path: String, serial: String? = nil, aliases: [String] = [],
    abilities: [String] = [], problem: String? = nil
  ) {
    self.kind = kind
    self.driver = driver
    self.name = name
    self.path = path
    self.serial = serial
    self.aliases = aliases
    self.abilities = abilities
    self.problem = problem
  }
}
