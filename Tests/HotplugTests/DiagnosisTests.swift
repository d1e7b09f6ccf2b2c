import Devices
import DriverCatalogue
import Foundation
import Hotplug
import Testing

@Suite("Why an expected device is missing")
struct DiagnosisTests {
  static let cameras = ["v4l2"]
  static let modulators = ["dlpc900", "drm", "framebuffer"]

  static let webcam = FoundDevice(
    kind: .camera, driver: "v4l2", name: "C920", path: "/dev/odu/camera-Logi_C920_ABC", aliases: ["/dev/video0"])
  static let panel = FoundDevice(
    kind: .modulator, driver: "drm", name: "HDMI-A-1 of vkms", path: "HDMI-A-1", aliases: ["card0-HDMI-A-1"])

  /// A machine with udev and its rules, and the nodes given.
  static func facts(
    _ nodes: [String: NodeFacts.Access] = [:], links: [String: String] = [:], devices: [UdevDevice] = [],
    udevRuns: Bool = true, hasRules: Bool = true
  ) -> MachineFacts {
    MachineFacts(devices: devices, udevRuns: udevRuns, hasRules: hasRules) { path in
      let target = links[path] ?? path
      return NodeFacts(target: target, access: nodes[target] ?? .absent)
    }
  }

  static func camera(_ device: String?, driver: String = "v4l2") -> ExpectedDevice {
    ExpectedDevice(
      role: "camera", kind: .camera, driver: driver, settings: device.map { ["device": $0] } ?? [:])
  }

  static func modulator(_ device: String?, driver: String = "drm") -> ExpectedDevice {
    ExpectedDevice(
      role: "layerModulator", kind: .modulator, driver: driver, settings: device.map { ["device": $0] } ?? [:])
  }

  func diagnose(
    _ expected: ExpectedDevice, found: [FoundDevice] = [webcam, panel], facts: MachineFacts = Self.facts()
  ) -> DeviceDiagnosis {
    expected.diagnose(
      found: found, drivers: expected.kind == .camera ? Self.cameras : Self.modulators, facts: facts)
  }

  @Test(
    "finds a device by its path, by an alias and through a link",
    arguments: [
      "/dev/odu/camera-Logi_C920_ABC", "/dev/video0", "/dev/v4l/by-id/usb-Logi-video-index0",
    ])
  func found(path: String) {
    let links = ["/dev/v4l/by-id/usb-Logi-video-index0": "/dev/video0", "/dev/odu/camera-Logi_C920_ABC": "/dev/video0"]
    let diagnosis = diagnose(Self.camera(path), facts: Self.facts(["/dev/video0": .granted], links: links))
    #expect(diagnosis.usable)
    #expect(diagnosis.found == Self.webcam)
  }

  @Test("takes the only device when none is named, and asks when there are more")
  func unnamed() {
    for device in [nil, "", "any"] { #expect(diagnose(Self.modulator(device)).found == Self.panel) }
    var second = Self.panel
    second.path = "HDMI-A-2"
    let diagnosis = diagnose(Self.modulator(nil), found: [Self.panel, second])
    #expect(!diagnosis.usable)
    #expect(diagnosis.reasons == ["2 devices could be meant; give the setting device, one of HDMI-A-1, HDMI-A-2"])
  }

  @Test("tells connectors of the same name apart by their card")
  func card() {
    let twins = ["card0", "card1"].map { card in
      FoundDevice(kind: .modulator, driver: "drm", name: "HDMI-A-1", path: "\(card)-HDMI-A-1")
    }
    #expect(!diagnose(Self.modulator("HDMI-A-1"), found: twins).usable)
    var expected = Self.modulator("HDMI-A-1")
    expected.settings["card"] = "/dev/dri/by-path/x"
    let facts = Self.facts(links: ["/dev/dri/by-path/x": "/dev/dri/card1"])
    #expect(diagnose(expected, found: twins, facts: facts).found == twins[1])
  }

  @Test("takes simulated devices for present")
  func simulated() {
    #expect(diagnose(Self.camera(nil, driver: "simulated"), found: []).usable)
    #expect(diagnose(Self.modulator(nil, driver: "simulated"), found: []).usable)
  }

  @Test("names what is present instead")
  func instead() {
    let diagnosis = diagnose(Self.camera("/dev/video7"))
    #expect(!diagnosis.usable)
    #expect(diagnosis.found == nil)
    let expected = DeviceError.absent(device: "/dev/video7", present: ["/dev/odu/camera-Logi_C920_ABC (C920)"])
    #expect(diagnosis.reasons == ["\(expected)"])
  }

  @Test(
    "suggests the driver that is meant",
    arguments: [
      ("V4L", "v4l2"), ("v4l3", "v4l2"), ("uvcvideo", "v4l2"), ("nonsense", nil), ("v", nil),
    ] as [(String, String?)])
  func wrongCameraDriver(name: String, meant: String?) {
    let diagnosis = diagnose(Self.camera("/dev/video9", driver: name))
    #expect(diagnosis.reasons.count == 1)
    #expect(diagnosis.reasons.first?.contains("no driver '\(name)'") == true)
    #expect(diagnosis.reasons.first?.contains("known: simulated, v4l2") == true)
    #expect(diagnosis.reasons.first?.hasSuffix(meant.map { "did you mean \($0)?" } ?? "known: simulated, v4l2") == true)
  }

  @Test("suggests the driver that sees the device")
  func driverOfDevice() {
    let unknown = diagnose(Self.modulator("HDMI-A-1", driver: "fbdev"))
    #expect(unknown.reasons.first?.hasSuffix("did you mean drm?") == true)
    let other = diagnose(Self.modulator("HDMI-A-1", driver: "framebuffer"))
    #expect(other.reasons.last == "HDMI-A-1 is a modulator of the driver drm: write driver: drm")
  }

  @Test("names the group that has access, and the rules when they are not installed")
  func permission() {
    let denied = Self.facts(["/dev/video0": .denied(group: "video")])
    let unseen = diagnose(Self.camera("/dev/video0"), found: [], facts: denied)
    #expect(unseen.reasons.first?.contains("members of the group video") == true)

    var blocked = Self.webcam
    blocked.problem = "\(DeviceError.noPermission(path: "/dev/video0", group: "video"))"
    let withRules = diagnose(Self.camera("/dev/video0"), found: [blocked], facts: denied)
    #expect(withRules.found == blocked)
    #expect(withRules.reasons == [blocked.problem])
    let bare = Self.facts(["/dev/video0": .denied(group: "video")], hasRules: false)
    let without = diagnose(Self.camera("/dev/video0"), found: [blocked], facts: bare)
    #expect(!without.usable)
    #expect(without.reasons.count == 2)
    #expect(without.reasons.dropFirst().first?.contains("70-odu.rules") == true)
  }

  @Test("tells missing rules, a missing udev and a missing device apart")
  func stableName() {
    let name = Self.camera("/dev/odu/camera-X")
    #expect(!diagnose(name).reasons.contains { $0.contains("70-odu.rules") })
    #expect(
      diagnose(name, facts: Self.facts(hasRules: false)).reasons.dropFirst().first?.contains(
        "sudo cp udev/70-odu.rules") == true)
    let bare = diagnose(name, facts: Self.facts(udevRuns: false, hasRules: false))
    #expect(bare.reasons.dropFirst().first?.contains("does not run here") == true)
    #expect(bare.reasons.count == 2)
    #expect(diagnose(name).reasons.first?.contains("/dev/odu/camera-Logi_C920_ABC") == true)
  }

  @Test("says what a path leads to when it is no such device")
  func notADevice() {
    let file = diagnose(Self.camera("/dev/x"), facts: Self.facts(["/dev/x": .other("a file")]))
    #expect(file.reasons == ["/dev/x: this is a file, not a camera"])
    let node = diagnose(
      Self.camera("/dev/fb0"),
      facts: Self.facts(
        ["/dev/fb0": .granted], devices: [UdevDevice(subsystem: "graphics", name: "fb0", node: "/dev/fb0")]))
    #expect(node.reasons.first?.contains("subsystem graphics") == true)
  }

  @Test("says when the kernel has nothing of the kind, and what may be loaded")
  func nothing() {
    let diagnosis = diagnose(Self.camera("/dev/video0"), found: [Self.panel])
    #expect(diagnosis.reasons.count == 2)
    #expect(diagnosis.reasons.dropFirst().first?.contains("modprobe uvcvideo") == true)
    // A connector of the same name without a node is no camera.
    let other = [UdevDevice(subsystem: "video4linux", name: "v4l-subdev0", node: "/dev/v4l-subdev0")]
    #expect(
      diagnose(Self.camera("/dev/video0"), found: [], facts: Self.facts(devices: other)).reasons == diagnosis.reasons)
  }

  @Test("says when the kernel has a device to which no node leads, or which only a group may open")
  func withoutNode() {
    let device = UdevDevice(subsystem: "video4linux", name: "video0", node: "/dev/video0")
    let missing = diagnose(Self.camera("/dev/video0"), found: [], facts: Self.facts(devices: [device]))
    #expect(missing.reasons.last?.contains("/dev/video0 is missing") == true)
    let controller = UdevDevice(
      subsystem: "usb", name: "1-2", node: "/dev/bus/usb/001/005", properties: ["PRODUCT": "451/c900/100"])
    let denied = diagnose(
      Self.modulator(nil, driver: "dlpc900"), found: [],
      facts: Self.facts(["/dev/bus/usb/001/005": .denied(group: nil)], devices: [controller]))
    #expect(denied.reasons.count == 2)
    #expect(denied.reasons.dropFirst().first?.contains("/dev/bus/usb/001/005: you may not open it") == true)
  }

  @Test("gives every driver of the catalogue a place to look at")
  func places() async {
    for (driver, kind) in [
      ("drm", "modulator"), ("framebuffer", "modulator"), ("dlpc900", "modulator"), ("v4l2", "camera"),
    ] {
      let expected = ExpectedDevice(
        role: "x", kind: kind == "camera" ? .camera : .modulator, driver: driver, settings: [:])
      #expect(diagnose(expected, found: []).reasons.count == 2, "\(driver)")
    }
  }
}

@Suite("What a path leads to")
struct NodeFactsTests {
  @Test("is told from the file system")
  func kinds() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let link = folder.appendingPathComponent("link").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
    let dangling = folder.appendingPathComponent("dangling").path
    try FileManager.default.createSymbolicLink(atPath: dangling, withDestinationPath: "/nowhere")

    #expect(NodeFacts(at: link) == NodeFacts(target: "/dev/null", access: .granted))
    #expect(NodeFacts(at: dangling).access == .absent)
    #expect(NodeFacts(at: folder.path).access == .other("a folder"))
    #expect(NodeFacts(at: "/etc/passwd").access == .other("a file"))
  }
}
