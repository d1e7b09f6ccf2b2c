import CDRM
import Glibc

/// How a leased part of a card is told what to show. Both functions return an error number of the system, 0 for none.
protocol DRMOutput {
  /// Sets the mode and shows a buffer; returns when it is done.
  func setMode(showing framebuffer: UInt32) -> Int32
  /// Asks for a buffer to be shown from the next vertical blank on, and for an event with the tag when it is.
  func flip(to framebuffer: UInt32, tag: UInt) -> Int32
}

/// The older interface, for kernel drivers without atomic mode setting.
struct DRMLegacyOutput: DRMOutput {
  let descriptor: Int32
  let connector: UInt32
  let crtc: UInt32
  let mode: DRMMode

  func setMode(showing framebuffer: UInt32) -> Int32 {
    var raw = mode.raw
    var connector = connector
    let result = drmModeSetCrtc(descriptor, crtc, framebuffer, 0, 0, &connector, 1, &raw)
    if result == 0 { setIdentityGamma() }
    return -result
  }

  func flip(to framebuffer: UInt32, tag: UInt) -> Int32 {
    -drmModePageFlip(
      descriptor, crtc, framebuffer, UInt32(DRM_MODE_PAGE_FLIP_EVENT), UnsafeMutableRawPointer(bitPattern: tag))
  }

  /// Where the card has a table of grey levels, each becomes itself.
  private func setIdentityGamma() {
    guard let raw = drmModeGetCrtc(descriptor, crtc) else { return }
    let count = Int(raw.pointee.gamma_size)
    drmModeFreeCrtc(raw)
    guard (2...65536).contains(count) else { return }
    var ramp = (0..<count).map { UInt16($0 * 65535 / (count - 1)) }
    ramp.withUnsafeMutableBufferPointer { ramp in
      guard let start = ramp.baseAddress else { return }
      _ = drmModeCrtcSetGamma(descriptor, crtc, UInt32(count), start, start, start)
    }
  }
}

/// Atomic mode setting: everything at once or nothing.
struct DRMAtomicOutput: DRMOutput {
  private typealias Change = (object: UInt32, property: UInt32, value: UInt64)

  private let descriptor: Int32
  private let plane: UInt32
  private let framebufferProperty: UInt32
  private let crtcProperty: UInt32
  /// What belongs to the mode, except the buffer.
  private let required: [Change]
  /// What keeps grey levels as they are on the way to the panel, where the card lets one choose.
  private let optional: [Change]

  /// - Returns: nil when the kernel driver lacks what that takes.
  init?(route: DRMRoute, on descriptor: Int32) {
    guard let planeID = route.plane else { return nil }
    let connector = DRMProperties(
      of: route.connector.id, type: UInt32(DRM_MODE_OBJECT_CONNECTOR), on: descriptor)
    let crtc = DRMProperties(of: route.crtc, type: UInt32(DRM_MODE_OBJECT_CRTC), on: descriptor)
    let plane = DRMProperties(of: planeID, type: UInt32(DRM_MODE_OBJECT_PLANE), on: descriptor)
    var mode = route.mode.raw
    var blob: UInt32 = 0
    guard let framebuffer = plane.id("FB_ID"), let planeCRTC = plane.id("CRTC_ID"),
      drmModeCreatePropertyBlob(descriptor, &mode, MemoryLayout.size(ofValue: mode), &blob) == 0
    else { return nil }
    let (width, height) = (UInt64(mode.hdisplay), UInt64(mode.vdisplay))
    var changes: [Change] = []
    for (properties, name, value) in [
      (connector, "CRTC_ID", UInt64(route.crtc)), (crtc, "MODE_ID", UInt64(blob)), (crtc, "ACTIVE", 1),
      (plane, "CRTC_ID", UInt64(route.crtc)), (plane, "CRTC_X", 0), (plane, "CRTC_Y", 0),
      (plane, "CRTC_W", width), (plane, "CRTC_H", height), (plane, "SRC_X", 0), (plane, "SRC_Y", 0),
      (plane, "SRC_W", width << 16), (plane, "SRC_H", height << 16),
    ] {
      guard let id = properties.id(name) else { return nil }
      changes.append((properties.object, id, value))
    }
    self.descriptor = descriptor
    self.plane = planeID
    framebufferProperty = framebuffer
    crtcProperty = planeCRTC
    required = changes
    optional = Self.faithful(connector: connector, crtc: crtc)
  }

  private static func faithful(connector: DRMProperties, crtc: DRMProperties) -> [Change] {
    var changes: [Change] = []
    // A table or matrix that is not there changes nothing.
    for name in ["GAMMA_LUT", "DEGAMMA_LUT", "CTM", "VRR_ENABLED"] {
      if let id = crtc.id(name) { changes.append((crtc.object, id, 0)) }
    }
    for (name, word) in [
      ("link-status", "Good"), ("Broadcast RGB", "Full"), ("dithering mode", "off"), ("dither", "off"),
      ("underscan", "off"), ("scaling mode", "None"), ("content type", "Graphics"), ("Colorspace", "Default"),
    ] {
      guard let id = connector.id(name), let value = connector.value(name, meaning: word) else { continue }
      changes.append((connector.object, id, value))
    }
    if let id = connector.id("max bpc"), connector.takes("max bpc", 8) { changes.append((connector.object, id, 8)) }
    return changes
  }

  func setMode(showing framebuffer: UInt32) -> Int32 {
    let shown = required + [(plane, framebufferProperty, UInt64(framebuffer))]
    let flags = UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET)
    // A property that the card has but does not let one set in this mode costs that property only.
    let test = flags | UInt32(DRM_MODE_ATOMIC_TEST_ONLY)
    let accepted = optional.filter { commit(shown + [$0], flags: test) == 0 }
    let result = commit(shown + accepted, flags: flags)
    return result == 0 || accepted.isEmpty ? result : commit(shown, flags: flags)
  }

  func flip(to framebuffer: UInt32, tag: UInt) -> Int32 {
    commit(
      [(plane, framebufferProperty, UInt64(framebuffer))],
      flags: UInt32(DRM_MODE_ATOMIC_NONBLOCK) | UInt32(DRM_MODE_PAGE_FLIP_EVENT), tag: tag)
  }

  private func commit(_ changes: [Change], flags: UInt32, tag: UInt = 0) -> Int32 {
    guard let request = drmModeAtomicAlloc() else { return ENOMEM }
    defer { drmModeAtomicFree(request) }
    for change in changes {
      let added = drmModeAtomicAddProperty(request, change.object, change.property, change.value)
      guard added >= 0 else { return -added }
    }
    return -drmModeAtomicCommit(descriptor, request, flags, UnsafeMutableRawPointer(bitPattern: tag))
  }
}
