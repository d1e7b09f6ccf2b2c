import CDRM
import Glibc

/// Sets what a leased part of a card shows. Both functions return an error number of the system, 0 for none.
///
/// With the mode go the properties that ``DRMRule`` lists, such as "Broadcast RGB", "Full" and every margin 0, on either interface.
package protocol DRMOutput {
  /// Sets the mode and shows a buffer, with every property that leaves grey levels as they are; returns when it is done.
  func setMode(showing framebuffer: UInt32) -> Int32
  /// Asks for a buffer to be shown from the next vertical blank on, and for an event with the tag when it is.
  func flip(to framebuffer: UInt32, tag: UInt) -> Int32
}

/// The objects that a picture passes on its way to a panel.
package struct DRMPath: Sendable {
  package var connector: DRMObject
  package var crtc: DRMObject
  /// nil when the kernel driver shows none.
  package var plane: DRMObject?

  package init(connector: UInt32, crtc: UInt32, plane: UInt32?) {
    self.connector = DRMObject(connector, .connector)
    self.crtc = DRMObject(crtc, .crtc)
    self.plane = plane.map { DRMObject($0, .plane) }
  }

  package var objects: [DRMObject] { [connector, crtc] + [plane].compactMap(\.self) }
}

/// The older interface, for kernel drivers without atomic mode setting.
package struct DRMLegacyOutput: DRMOutput {
  private let port: any DRMPort
  private let path: DRMPath
  private let mode: DRMMode

  package init(port: any DRMPort, path: DRMPath, mode: DRMMode) {
    self.port = port
    self.path = path
    self.mode = mode
  }

  package func setMode(showing framebuffer: UInt32) -> Int32 {
    let result = port.setMode(mode, of: path.connector.id, crtc: path.crtc.id, showing: framebuffer)
    guard result == 0 else { return result }
    port.hideCursor(on: path.crtc.id)
    // Each for itself (drmModeObjectSetProperty), so that one that the card does not take costs that property only.
    for change in DRMFidelity(port: port, objects: path.objects).changes { _ = port.set(change) }
    setGamma()
    return 0
  }

  package func flip(to framebuffer: UInt32, tag: UInt) -> Int32 {
    port.flip(path.crtc.id, to: framebuffer, tag: tag)
  }

  /// A table that could not be taken away, or that is no property, is made one that changes nothing.
  private func setGamma() {
    guard port.properties(of: path.crtc).named("GAMMA_LUT")?.value != 0 else { return }
    port.setIdentityGamma(of: path.crtc.id)
  }
}

/// Atomic mode setting: everything at once or nothing.
package struct DRMAtomicOutput: DRMOutput {
  private let port: any DRMPort
  private let path: DRMPath
  private let plane: DRMObject
  private let framebufferProperty: UInt32
  /// What belongs to the mode, except the buffer.
  private let required: [DRMChange]

  /// - Returns: nil when the kernel driver lacks what that takes.
  package init?(port: any DRMPort, path: DRMPath, mode: DRMMode) {
    guard let plane = path.plane, let framebuffer = port.properties(of: plane).named("FB_ID"),
      let blob = port.blob(of: mode)
    else { return nil }
    let properties = Dictionary(uniqueKeysWithValues: path.objects.map { ($0, port.properties(of: $0)) })
    let (width, height) = (UInt64(mode.width), UInt64(mode.height))
    var changes: [DRMChange] = []
    for (object, name, value) in [
      (path.connector, "CRTC_ID", UInt64(path.crtc.id)), (path.crtc, "MODE_ID", UInt64(blob)), (path.crtc, "ACTIVE", 1),
      (plane, "CRTC_ID", UInt64(path.crtc.id)), (plane, "CRTC_X", 0), (plane, "CRTC_Y", 0), (plane, "CRTC_W", width),
      (plane, "CRTC_H", height), (plane, "SRC_X", 0), (plane, "SRC_Y", 0), (plane, "SRC_W", width << 16),
      (plane, "SRC_H", height << 16),
    ] {
      guard let property = properties[object]?.named(name) else { return nil }
      changes.append(DRMChange(object: object, property: property.id, value: value))
    }
    self.port = port
    self.path = path
    self.plane = plane
    framebufferProperty = framebuffer.id
    required = changes
  }

  package func setMode(showing framebuffer: UInt32) -> Int32 {
    let shown = required + [DRMChange(object: plane, property: framebufferProperty, value: UInt64(framebuffer))]
    let flags = UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET)
    // A property that the card has but does not let one set in this mode costs that property only.
    let test = flags | UInt32(DRM_MODE_ATOMIC_TEST_ONLY)
    let faithful = DRMFidelity(port: port, objects: path.objects).changes
    var accepted: [DRMChange] = []
    for change in faithful where port.commit(shown + accepted + [change], flags: test, tag: 0) == 0 {
      accepted.append(change)
    }
    var result = port.commit(shown + accepted, flags: flags, tag: 0)
    if result != 0, !accepted.isEmpty {
      result = port.commit(shown, flags: flags, tag: 0)
      if result == 0 { for change in accepted { _ = port.commit([change], flags: flags, tag: 0) } }
    }
    if result == 0, port.properties(of: path.crtc).named("GAMMA_LUT")?.value != 0 {
      port.setIdentityGamma(of: path.crtc.id)
    }
    return result
  }

  package func flip(to framebuffer: UInt32, tag: UInt) -> Int32 {
    port.commit(
      [DRMChange(object: plane, property: framebufferProperty, value: UInt64(framebuffer))],
      flags: UInt32(DRM_MODE_ATOMIC_NONBLOCK) | UInt32(DRM_MODE_PAGE_FLIP_EVENT), tag: tag)
  }
}
