import DLPC900
import Devices
import Testing

@Suite struct DeviceSelectionTests {
  private let first = USBDevice(bus: 1, address: 4, port: "1-2.3", serial: "LCR1")
  private let second = USBDevice(bus: 3, address: 12, port: "3-1")
  private let mouse = USBDevice(vendor: 0x046D, product: 0xC077, bus: 1, address: 5, port: "1-4")

  private func find(_ setting: String?, among devices: [USBDevice]) throws -> USBDevice {
    try DeviceSelection(setting).find(among: devices) { path in
      switch path {
      case "/dev/odu/slm-LCR1", "/dev/bus/usb/001/004": "/dev/bus/usb/001/004"
      case "/dev/bus/usb/001/005": path
      case "/dev/null": path
      default: nil
      }
    }
  }

  @Test("the only device is found by every name that it has")
  func names() throws {
    for setting in [nil, "", "any", "LCR1", "1-2.3", "/dev/odu/slm-LCR1", "/dev/bus/usb/001/004"] {
      #expect(try find(setting, among: [mouse, first]) == first)
    }
    #expect(first.node == "/dev/bus/usb/001/004" && second.node == "/dev/bus/usb/003/012")
    #expect(try find("3-1", among: [first, second]) == second)
  }

  @Test("a device that is not there is absent, with those that are")
  func absent() {
    #expect(throws: DeviceError.absent(device: "DLPC900", present: [])) { try find(nil, among: [mouse]) }
    #expect(throws: DeviceError.absent(device: "DLPC900 LCR9", present: ["LCR1", "3-1"])) {
      try find("LCR9", among: [first, second, mouse])
    }
    #expect(throws: DeviceError.absent(device: "DLPC900 /dev/odu/slm-x", present: ["LCR1"])) {
      try find("/dev/odu/slm-x", among: [first])
    }
  }

  @Test("another device is refused by its kind")
  func notADevice() {
    let expected = "a DLPC900 (USB device 0451:c900)"
    for setting in ["1-4", "/dev/bus/usb/001/005"] {
      #expect(
        throws: DeviceError.notADevice(
          path: "/dev/bus/usb/001/005", expected: expected, found: "the USB device 046d:c077")
      ) { try find(setting, among: [first, mouse]) }
    }
    #expect(
      throws: DeviceError.notADevice(
        path: "/dev/null", expected: expected, found: "something else than a USB device (/dev/null)")
    ) { try find("/dev/null", among: [first, mouse]) }
  }

  @Test("of several devices one must be named, and equal serial numbers do not name one")
  func ambiguous() {
    var twin = second
    twin.serial = "LCR1"
    for setting in [nil, "LCR1"] {
      #expect(
        throws: DeviceError.invalidSetting(
          device: setting == nil ? "DLPC900" : "DLPC900 LCR1", setting: "device", value: "'\(setting ?? "any")'",
          accepted: "one of 1-2.3, 3-1, since several fit")
      ) { try find(setting, among: [first, twin]) }
    }
  }
}

@Suite struct DLPC900SettingsTests {
  @Test("settings are read, and without any the defaults hold")
  func values() throws {
    let plain = DLPC900Settings()
    #expect(plain.selection == .any && plain.panel == nil && plain.bitDepth == 1 && plain.patternsPerImage == 24)
    #expect(plain.compression == .enhanced && plain.copiesPreviousLine && plain.safeLevel == 0)
    let all = try DLPC900Settings([
      "device": "LCR1", "model": "dlp670s", "exposure": "0.0123456", "darkTime": "0.002", "levels": "256",
      "compression": "rle", "copyPrevious": "false", "safeLevel": "128", "role": "input",
    ])
    #expect(all.selection == .name("LCR1") && all.panel == .dlp670s && all.bitDepth == 8 && all.patternsPerImage == 3)
    #expect(all.compression == .rle && !all.copiesPreviousLine && all.safeLevel == 128)
    var third = PatternDefinition(index: 2, exposure: 12346, image: 0)
    third.darkTime = 2000
    third.bitDepth = 8
    third.bitPosition = 16
    #expect(all.definition(ofPattern: 2) == third)
  }

  @Test(
    "settings that make no sense are refused",
    arguments: [
      ["exposure": "0"], ["exposure": "17"], ["exposure": "nan"], ["darkTime": "-1"], ["levels": "4"],
      ["model": "dlp7000"],
      ["compression": "zip"], ["copyPrevious": "yes"], ["safeLevel": "2"], ["safeLevel": "256", "levels": "256"],
      ["speed": "1"],
    ])
  func refused(_ settings: Driver.Settings) {
    #expect(throws: DeviceError.self) { try DLPC900Settings(settings) }
  }
}
