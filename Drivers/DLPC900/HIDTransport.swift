/// Moves reports of 64 bytes to a device and from it. Calls block.
package protocol HIDTransport: Sendable {
  /// What the device's descriptor says; nil when it has none.
  var serial: String? { get }
  /// The USB bus that the device is on, such as `usb1`.
  var bus: String? { get }

  func write(_ report: [UInt8]) throws

  /// The next report of the device, or nil when none came in time.
  /// - Parameter timeout: seconds.
  func read(timeout: Double) throws -> [UInt8]?
}

extension HIDTransport {
  package var serial: String? { nil }
  package var bus: String? { nil }
}
