import CUSB
import Devices

/// A device on the bus, as it can be seen without opening it.
package struct USBDevice: Equatable, Sendable {
  package static let vendor: UInt16 = 0x0451
  package static let product: UInt16 = 0xC900

  package var vendor: UInt16
  package var product: UInt16
  package var bus: Int
  package var address: Int
  /// Bus and ports, such as `1-2.3`; it stays as long as the cables do.
  package var port: String
  package var serial: String?
  package var name: String?

  package init(
    vendor: UInt16 = USBDevice.vendor, product: UInt16 = USBDevice.product, bus: Int, address: Int, port: String,
    serial: String? = nil, name: String? = nil
  ) {
    self.vendor = vendor
    self.product = product
    self.bus = bus
    self.address = address
    self.port = port
    self.serial = serial
    self.name = name
  }

  package var isDLPC900: Bool { vendor == Self.vendor && product == Self.product }

  /// The device node.
  package var node: String { "/dev/bus/usb/\(digits(bus, 3))/\(digits(address, 3))" }

  /// Vendor and product.
  package var kind: String {
    "the USB device \(digits(Int(vendor), 4, radix: 16)):\(digits(Int(product), 4, radix: 16))"
  }

  /// Why the node cannot be opened, or nil.
  package var problem: DeviceError? {
    guard let node = try? DeviceNode(node, device: kind, expected: kind, present: []), !node.isAccessible else {
      return nil
    }
    return .noPermission(path: node.path, group: node.groupName)
  }

  /// Whether the device is still plugged in where it was.
  package var isPresent: Bool { Self.attribute("devnum", of: port).flatMap { Int($0) } == address }

  /// All devices that are plugged in.
  package static func all(in context: USBContext) throws -> [USBDevice] {
    try context.withDevices { devices in
      devices.compactMap { device in
        var descriptor = libusb_device_descriptor()
        guard libusb_get_device_descriptor(device, &descriptor) == 0, let port = portPath(of: device) else {
          return nil
        }
        return USBDevice(
          vendor: descriptor.idVendor, product: descriptor.idProduct, bus: Int(libusb_get_bus_number(device)),
          address: Int(libusb_get_device_address(device)), port: port, serial: attribute("serial", of: port),
          name: attribute("product", of: port))
      }
    }
  }

  /// Nil for a root hub.
  private static func portPath(of device: OpaquePointer) -> String? {
    var ports = [UInt8](repeating: 0, count: 8)
    let count = libusb_get_port_numbers(device, &ports, Int32(ports.count))
    guard count > 0 else { return nil }
    return "\(libusb_get_bus_number(device))-" + ports.prefix(Int(count)).map { "\($0)" }.joined(separator: ".")
  }

  /// What the kernel read from the device when it was plugged in; anybody may see that.
  private static func attribute(_ name: String, of port: String) -> String? {
    firstLine(of: "/sys/bus/usb/devices/\(port)/\(name)").flatMap { $0.isEmpty ? nil : $0 }
  }
}

private func digits(_ value: Int, _ count: Int, radix: Int = 10) -> String {
  let text = String(value, radix: radix)
  return String(repeating: "0", count: max(0, count - text.count)) + text
}
