import CUSB
import Devices

/// Reports over the interrupt endpoints of a USB device, through libusb.
package final class LibUSBTransport: HIDTransport {
  /// Seconds until a report that the device does not take counts as refused.
  private static let writeTimeout = 2.0

  package var serial: String? { device.serial }
  package var bus: String? { "usb\(device.bus)" }

  private let device: USBDevice
  private let name: String
  private let handle: USBHandle
  private let interface: HIDInterface

  /// Opens the device and takes its interface; the kernel's driver gets it back when the transport goes.
  /// - Parameter name: what messages call the device.
  /// - Throws: ``DeviceError``: no permission, in use, not a device of this kind, disconnected, failed.
  package init(_ device: USBDevice, name: String, context: USBContext) throws {
    self.device = device
    self.name = name
    handle = try USBHandle(device, name: name, context: context)
    guard let interface = HIDInterface(of: handle) else {
      throw DeviceError.notADevice(
        path: device.node, expected: "a DLPC900 with a HID interface",
        found: "\(device.kind) without one that has interrupt endpoints in both directions")
    }
    self.interface = interface
    _ = libusb_set_auto_detach_kernel_driver(handle.pointer, 1)
    let result = libusb_claim_interface(handle.pointer, interface.number)
    guard result == 0 else { throw Self.claimError(result, device: device, name: name) }
  }

  deinit { _ = libusb_release_interface(handle.pointer, interface.number) }

  package func write(_ report: [UInt8]) throws {
    var report = report
    var count: Int32 = 0
    let result = libusb_interrupt_transfer(
      handle.pointer, interface.output, &report, Int32(report.count), &count, Self.milliseconds(Self.writeTimeout))
    guard result == 0 else { throw failure(result, "sending a report", interface.output) }
    guard count == report.count else {
      throw DeviceError.failed(
        device: name, operation: "sending a report", reason: "the device took \(count) of its \(report.count) bytes")
    }
  }

  package func read(timeout: Double) throws -> [UInt8]? {
    var report = [UInt8](repeating: 0, count: Packet.reportSize)
    var count: Int32 = 0
    let result = libusb_interrupt_transfer(
      handle.pointer, interface.input, &report, Int32(report.count), &count, Self.milliseconds(timeout))
    if count > 0, result == 0 || result == LIBUSB_ERROR_TIMEOUT.rawValue { return Array(report.prefix(Int(count))) }
    if result == 0 || result == LIBUSB_ERROR_TIMEOUT.rawValue { return nil }
    throw failure(result, "receiving a report", interface.input)
  }

  /// At least one, since none would mean for ever.
  private static func milliseconds(_ seconds: Double) -> UInt32 { UInt32(max(1, (seconds * 1000).rounded())) }

  private func failure(_ result: Int32, _ operation: String, _ endpoint: UInt8) -> DeviceError {
    // A device that goes away in the middle of a transfer shows as one of several errors.
    if result == LIBUSB_ERROR_NO_DEVICE.rawValue || !device.isPresent {
      return .disconnected(device: name, reason: "it was at USB port \(device.port)")
    }
    if result == LIBUSB_ERROR_PIPE.rawValue {
      _ = libusb_clear_halt(handle.pointer, endpoint)
      return .failed(device: name, operation: operation, reason: "the endpoint stalled")
    }
    let reason =
      result == LIBUSB_ERROR_TIMEOUT.rawValue
      ? "not accepted within \(Self.writeTimeout) s; switch the device off and on" : usbErrorText(result)
    return .failed(device: name, operation: operation, reason: reason)
  }

  private static func claimError(_ result: Int32, device: USBDevice, name: String) -> DeviceError {
    switch result {
    case LIBUSB_ERROR_BUSY.rawValue:
      .inUse(device: name, reason: "another program has \(device.node) open and its interface claimed; end it first")
    case LIBUSB_ERROR_NO_DEVICE.rawValue:
      .disconnected(device: name, reason: "it went away while it was being opened")
    default: .failed(device: name, operation: "taking the interface", reason: usbErrorText(result))
    }
  }
}

/// The first interface of a device that speaks HID in both directions over interrupt endpoints.
private struct HIDInterface {
  let number: Int32
  let input: UInt8
  let output: UInt8

  init?(of handle: USBHandle) {
    var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
    guard libusb_get_active_config_descriptor(libusb_get_device(handle.pointer), &configuration) == 0,
      let configuration
    else { return nil }
    defer { libusb_free_config_descriptor(configuration) }
    for index in 0..<Int(configuration.pointee.bNumInterfaces) {
      guard let interface = configuration.pointee.interface?[index], interface.num_altsetting > 0,
        let setting = interface.altsetting?.pointee, setting.bInterfaceClass == UInt8(LIBUSB_CLASS_HID.rawValue)
      else { continue }
      let endpoints = (0..<Int(setting.bNumEndpoints)).compactMap { setting.endpoint?[$0] }
        .filter { $0.bmAttributes & 3 == UInt8(LIBUSB_TRANSFER_TYPE_INTERRUPT.rawValue) }
      guard let input = endpoints.first(where: { $0.bEndpointAddress & 0x80 != 0 }),
        let output = endpoints.first(where: { $0.bEndpointAddress & 0x80 == 0 })
      else { continue }
      number = Int32(setting.bInterfaceNumber)
      self.input = input.bEndpointAddress
      self.output = output.bEndpointAddress
      return
    }
    return nil
  }
}
