import CUSB
import Devices

/// A session of libusb, which may be used from any thread.
package final class USBContext: @unchecked Sendable {
  fileprivate let pointer: OpaquePointer

  package init() throws {
    var pointer: OpaquePointer?
    let result = libusb_init(&pointer)
    guard result == 0, let pointer else {
      throw DeviceError.failed(device: "USB", operation: "opening libusb", reason: usbErrorText(result))
    }
    self.pointer = pointer
  }

  deinit { libusb_exit(pointer) }

  /// Calls `body` with the devices that are plugged in; they are valid during the call.
  package func withDevices<Result>(_ body: ([OpaquePointer]) throws -> Result) throws -> Result {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = libusb_get_device_list(pointer, &list)
    guard count >= 0, let list else {
      throw DeviceError.failed(device: "USB", operation: "listing devices", reason: usbErrorText(Int32(count)))
    }
    defer { libusb_free_device_list(list, 1) }
    return try body((0..<count).compactMap { list[$0] })
  }
}

/// A device that is open.
package final class USBHandle: @unchecked Sendable {
  package let pointer: OpaquePointer
  private let context: USBContext

  /// - Throws: ``DeviceError``: no permission, disconnected, failed.
  package init(_ device: USBDevice, name: String, context: USBContext) throws {
    self.context = context
    var pointer: OpaquePointer?
    let result = try context.withDevices { devices in
      guard
        let found = devices.first(where: {
          Int(libusb_get_bus_number($0)) == device.bus && Int(libusb_get_device_address($0)) == device.address
        })
      else { return LIBUSB_ERROR_NO_DEVICE.rawValue }
      return libusb_open(found, &pointer)
    }
    if result == LIBUSB_ERROR_ACCESS.rawValue {
      throw device.problem ?? .noPermission(path: device.node, group: nil)
    }
    guard result == 0, let pointer else {
      if result == LIBUSB_ERROR_NO_DEVICE.rawValue {
        throw DeviceError.disconnected(device: name, reason: "it went away while it was being opened")
      }
      throw DeviceError.failed(device: name, operation: "opening \(device.node)", reason: usbErrorText(result))
    }
    self.pointer = pointer
  }

  deinit { libusb_close(pointer) }
}

package func usbErrorText(_ code: Int32) -> String {
  libusb_strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
