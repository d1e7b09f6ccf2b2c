import BenchTestKit
import Devices
import Foundation
import Testing
import V4L2

@Suite("Serial numbers of cameras") struct SerialTests {
  /// The kernel's folders of a device and of one of its interfaces, as `/sys` has them.
  private func interface(on bus: String, serial: String?) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let device = URL(fileURLWithPath: folder.file("devices/1-2"))
    let interface = device.appendingPathComponent("1-2:1.0")
    let files = FileManager.default
    try files.createDirectory(at: interface, withIntermediateDirectories: true)
    try files.createDirectory(atPath: folder.file("bus/\(bus)"), withIntermediateDirectories: true)
    try files.createSymbolicLink(
      atPath: interface.appendingPathComponent("subsystem").path, withDestinationPath: folder.file("bus/\(bus)"))
    // The node of the camera links to the interface.
    try files.createSymbolicLink(atPath: folder.file("device"), withDestinationPath: interface.path)
    try serial?.write(to: device.appendingPathComponent("serial"), atomically: true, encoding: .utf8)
    return (folder, folder.file("device"))
  }

  @Test("the serial number of a USB camera is that of its device") func usb() throws {
    let (folder, path) = try interface(on: "usb", serial: "A1B2-3\n")
    #expect(withExtendedLifetime(folder) { USBSerial.number(ofDevice: path) } == "A1B2-3")
  }

  @Test("the bus of a USB camera is the folder that its own lies in, and a camera elsewhere has none")
  func bus() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    for path in ["devices/pci0/usb3/3-2/3-2:1.0", "devices/platform/usbphy/csi"] {
      try files.createDirectory(atPath: folder.file(path), withIntermediateDirectories: true)
    }
    try files.createSymbolicLink(
      atPath: folder.file("device"), withDestinationPath: folder.file("devices/pci0/usb3/3-2/3-2:1.0"))
    withExtendedLifetime(folder) {
      #expect(usbBus(ofDevice: folder.file("device")) == "usb3")
      #expect(usbBus(ofDevice: folder.file("devices/platform/usbphy/csi")) == nil)
      #expect(usbBus(ofDevice: "/none") == nil)
    }
  }

  @Test(
    "a USB camera without one and a camera on another bus have none",
    arguments: [("usb", nil), ("usb", "\n"), ("platform", "7\n")] as [(String, String?)])
  func none(bus: String, serial: String?) throws {
    let (folder, path) = try interface(on: bus, serial: serial)
    #expect(withExtendedLifetime(folder) { USBSerial.number(ofDevice: path) } == nil)
    #expect(USBSerial.number(ofDevice: "/none") == nil)
  }
}
