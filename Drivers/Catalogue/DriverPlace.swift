import Hotplug

/// Where the devices of a driver show up, and what else people call it.
struct DriverPlace {
  var subsystem: String
  /// Nodes of the driver's devices, for messages.
  var nodes: String
  /// Whether a device of the subsystem is one for the driver.
  var takes: @Sendable (UdevDevice) -> Bool
  /// What to do when there is none.
  var remedy: String
  /// Names that are taken for the driver's.
  var words: [String]

  static let all = [
    "drm": DriverPlace(
      subsystem: "drm", nodes: "/dev/dri/card*", takes: { $0.node?.hasPrefix("/dev/dri/card") ?? false },
      remedy: "load the kernel module of the graphics card", words: ["kms", "dri", "display", "hdmi"]),
    "framebuffer": DriverPlace(
      subsystem: "graphics", nodes: "/dev/fb*", takes: { $0.node?.hasPrefix("/dev/fb") ?? false },
      remedy: "the kernel makes none for this graphics card; take the driver drm", words: ["fb", "fbdev"]),
    "dlpc900": DriverPlace(
      subsystem: "usb", nodes: "a USB device 0451:c900", takes: { $0.isUSB(vendor: "451", product: "c900") },
      remedy: "connect the controller's USB port and switch it on", words: ["dlp", "lightcrafter", "dmd", "usb"]),
    "v4l2": DriverPlace(
      subsystem: "video4linux", nodes: "/dev/video*", takes: { $0.node?.hasPrefix("/dev/video") ?? false },
      remedy: "connect the camera; USB cameras need the kernel module uvcvideo: sudo modprobe uvcvideo",
      words: ["v4l", "video", "uvc", "webcam", "camera"]),
  ]

  /// The driver that a name which no driver has is likely to mean.
  static func driver(meantBy word: String, among known: [String]) -> String? {
    let word = word.lowercased()
    guard word.count >= 2 else { return nil }
    return known.first { name in
      ([name] + (all[name]?.words ?? [])).contains { word.hasPrefix($0) || $0.hasPrefix(word) }
    }
  }
}

extension UdevDevice {
  /// The kernel writes `PRODUCT` as vendor, product and revision in hexadecimal digits without leading zeros.
  func isUSB(vendor: String, product: String) -> Bool {
    properties["PRODUCT"]?.hasPrefix("\(vendor)/\(product)/") ?? false
  }
}
