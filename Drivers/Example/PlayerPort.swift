/// What the example needs of its devices; a real driver calls a C library in its place.
public protocol PlayerBus: Sendable {
  /// Serial numbers of the players that are connected.
  func serials() -> [String]
  func open(_ serial: String) throws(PortError) -> any PlayerPort
}

/// An open player. Every call blocks until the device has answered.
public protocol PlayerPort: Sendable {
  /// Pixels of the panel.
  var width: Int { get }
  var height: Int { get }
  func store(_ levels: [UInt8], in slot: UInt64) throws(PortError)
  func erase(_ slot: UInt64)
  /// Returns when the device has confirmed that the slot is on its panel.
  func play(_ slot: UInt64) throws(PortError)
  func close()
}

/// An error number of the operating system, such as `ENODEV`.
public struct PortError: Error {
  public var code: Int32
  public init(_ code: Int32) { self.code = code }
}
