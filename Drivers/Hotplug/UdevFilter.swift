/// Devices of one subsystem, and of one device type in it where that is given.
public struct UdevFilter: Sendable, Hashable {
  public var subsystem: String
  public var deviceType: String?

  public init(_ subsystem: String, deviceType: String? = nil) {
    self.subsystem = subsystem
    self.deviceType = deviceType
  }

  /// What a bench can be made of: display controllers, framebuffers, USB devices and cameras. Of USB, whole devices only:
  /// their interfaces come and go whenever a driver claims one.
  public static let bench = [
    UdevFilter("drm"), UdevFilter("graphics"), UdevFilter("usb", deviceType: "usb_device"),
    UdevFilter("video4linux"),
  ]
}
