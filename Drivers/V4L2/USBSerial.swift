import Devices

/// The serial number that the kernel read from a USB device when it was plugged in.
package enum USBSerial {
  /// - Parameter folder: the kernel's folder of what a node belongs to. For a camera on USB this is an interface, in the folder of
  ///   the device.
  /// - Returns: nil for what is not on USB, and for a device without a serial number.
  package static func number(ofDevice folder: String) -> String? {
    guard linkTarget("\(folder)/subsystem")?.hasSuffix("/usb") == true else { return nil }
    return firstLine(of: "\(folder)/../serial").flatMap { $0.isEmpty ? nil : $0 }
  }
}
