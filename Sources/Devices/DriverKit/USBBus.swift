/// The USB bus that a device is on, such as `usb1`; nil for one elsewhere.
///
/// - Parameter folder: the kernel's folder of the device, or a link to it. That of a device on USB lies in the folder of its bus.
package func usbBus(ofDevice folder: String) -> String? {
  resolvedPath(folder)?.split(separator: "/").last { part in
    part.hasPrefix("usb") && part.count > 3 && part.dropFirst(3).allSatisfy(\.isNumber)
  }.map(String.init)
}
