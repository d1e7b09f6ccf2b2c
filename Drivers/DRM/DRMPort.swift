import CDRM
import Glibc

/// A thing of a graphics card that has properties.
package struct DRMObject: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable { case connector, crtc, plane }

  package var id: UInt32
  package var kind: Kind

  package init(_ id: UInt32, _ kind: Kind) {
    self.id = id
    self.kind = kind
  }
}

/// A new value of a property.
package struct DRMChange: Sendable, Equatable {
  package var object: DRMObject
  package var property: UInt32
  package var value: UInt64

  package init(object: DRMObject, property: UInt32, value: UInt64) {
    self.object = object
    self.property = property
    self.value = value
  }
}

/// What this driver asks of a part of a graphics card to set a mode. ``DRMDescriptorPort`` is the kernel's; tests script one of
/// their own. Functions that return a number return an error number of the system, 0 for none.
package protocol DRMPort {
  func properties(of object: DRMObject) -> [DRMProperty]
  /// Sets one property at once, as the older interface does.
  func set(_ change: DRMChange) -> Int32
  /// Sets all of them, or none.
  func commit(_ changes: [DRMChange], flags: UInt32, tag: UInt) -> Int32
  /// Hands a mode to the kernel and returns what it calls it.
  func blob(of mode: DRMMode) -> UInt32?
  /// Sets a mode by the older interface.
  func setMode(_ mode: DRMMode, of connector: UInt32, crtc: UInt32, showing framebuffer: UInt32) -> Int32
  /// Flips by the older interface.
  func flip(_ crtc: UInt32, to framebuffer: UInt32, tag: UInt) -> Int32
  /// Takes a mouse cursor of another program off the picture.
  func hideCursor(on crtc: UInt32)
  /// Makes each grey level itself in the card's table, where it has one.
  func setIdentityGamma(of crtc: UInt32)
}

/// A file descriptor on which this process is master of what it asks about.
struct DRMDescriptorPort: DRMPort {
  let descriptor: Int32

  func properties(of object: DRMObject) -> [DRMProperty] {
    let type =
      switch object.kind {
      case .connector: UInt32(DRM_MODE_OBJECT_CONNECTOR)
      case .crtc: UInt32(DRM_MODE_OBJECT_CRTC)
      case .plane: UInt32(DRM_MODE_OBJECT_PLANE)
      }
    guard let raw = drmModeObjectGetProperties(descriptor, object.id, type) else { return [] }
    defer { drmModeFreeObjectProperties(raw) }
    return (0..<Int(raw.pointee.count_props)).compactMap { index in
      guard let property = drmModeGetProperty(descriptor, raw.pointee.props[index]) else { return nil }
      defer { drmModeFreeProperty(property) }
      return DRMProperty(property.pointee, value: raw.pointee.prop_values[index])
    }
  }

  func set(_ change: DRMChange) -> Int32 {
    let type =
      switch change.object.kind {
      case .connector: UInt32(DRM_MODE_OBJECT_CONNECTOR)
      case .crtc: UInt32(DRM_MODE_OBJECT_CRTC)
      case .plane: UInt32(DRM_MODE_OBJECT_PLANE)
      }
    return -drmModeObjectSetProperty(descriptor, change.object.id, type, change.property, change.value)
  }

  func commit(_ changes: [DRMChange], flags: UInt32, tag: UInt) -> Int32 {
    guard let request = drmModeAtomicAlloc() else { return ENOMEM }
    defer { drmModeAtomicFree(request) }
    for change in changes {
      let added = drmModeAtomicAddProperty(request, change.object.id, change.property, change.value)
      guard added >= 0 else { return -added }
    }
    return -drmModeAtomicCommit(descriptor, request, flags, UnsafeMutableRawPointer(bitPattern: tag))
  }

  func blob(of mode: DRMMode) -> UInt32? {
    var (raw, blob) = (mode.raw, UInt32(0))
    return drmModeCreatePropertyBlob(descriptor, &raw, MemoryLayout.size(ofValue: raw), &blob) == 0 ? blob : nil
  }

  func setMode(_ mode: DRMMode, of connector: UInt32, crtc: UInt32, showing framebuffer: UInt32) -> Int32 {
    var (raw, connector) = (mode.raw, connector)
    return -drmModeSetCrtc(descriptor, crtc, framebuffer, 0, 0, &connector, 1, &raw)
  }

  func flip(_ crtc: UInt32, to framebuffer: UInt32, tag: UInt) -> Int32 {
    -drmModePageFlip(
      descriptor, crtc, framebuffer, UInt32(DRM_MODE_PAGE_FLIP_EVENT), UnsafeMutableRawPointer(bitPattern: tag))
  }

  func hideCursor(on crtc: UInt32) { drmModeSetCursor(descriptor, crtc, 0, 0, 0) }

  func setIdentityGamma(of crtc: UInt32) {
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
