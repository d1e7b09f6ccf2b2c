import Devices

/// A line of `/proc/fb`.
package struct FramebufferEntry: Sendable, Equatable {
  /// The number in `/dev/fb0`, which depends on the order in which kernel drivers were loaded.
  package var number: Int
  /// What the kernel driver calls itself, such as `vkmsdrmfb`.
  package var name: String

  package init(number: Int, name: String) {
    self.number = number
    self.name = name
  }

  package var path: String { "/dev/fb\(number)" }

  /// What may happen to patterns that this driver cannot know of, one sentence each.
  package var warnings: [String] {
    // Emulated by mode setting, whose properties are out of reach from here.
    guard name.hasSuffix("drmfb") || name.hasSuffix("drm") else { return [] }
    return [
      "the card behind \(name) may send levels 0 to 255 as 16 to 235, dither or scale them, which a framebuffer does not tell: "
        + "use the driver drm, which sets all of this"
    ]
  }

  /// For messages.
  package var summary: String { "\(path) (\(name))" }

  /// The entries of a text such as that of `/proc/fb`.
  package static func all(in text: String) -> [FramebufferEntry] {
    text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " ", maxSplits: 1)
      guard let first = parts.first, let number = Int(first) else { return nil }
      return FramebufferEntry(number: number, name: parts.count > 1 ? String(parts[1]) : "")
    }
  }

  /// The entries of this machine.
  package static func all() -> [FramebufferEntry] { all(in: textOfFile("/proc/fb") ?? "") }
}

extension [FramebufferEntry] {
  /// The path of the device that the setting `device` means: a path or a name.
  /// - Throws: ``DeviceError`` when a name stands for none or for more than one.
  package func path(of device: String) throws -> String {
    if device.hasPrefix("/") { return device }
    let named = filter { $0.name == device }
    guard let first = named.first else {
      throw DeviceError.absent(device: device, present: map(\.summary))
    }
    guard named.count == 1 else {
      throw DeviceError.invalidSetting(
        device: device, setting: "device", value: device,
        accepted: "one of \(named.map(\.path).joined(separator: ", "))")
    }
    return first.path
  }
}
