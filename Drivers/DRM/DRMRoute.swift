import CDRM
import Devices

/// How pixels get to a connector: from a plane through a CRTC, which scans it out.
package struct DRMRoute {
  let connector: DRMConnector
  let mode: DRMMode
  let crtc: UInt32
  /// The CRTC's primary plane; nil when the kernel driver shows none.
  let plane: UInt32?

  /// Finds a way to a connector that no other connector needs, as far as there is one, and clears it.
  init(to name: String, mode request: DRMModeRequest?, on card: DRMCard, device: String) throws {
    guard let resources = DRMResources(on: card.descriptor) else {
      throw DeviceError.unsupported(
        device: device, what: "setting a mode with the kernel driver \(card.driver)", supported: [])
    }
    let all = resources.connectors.compactMap { DRMConnector($0, on: card.descriptor, probing: false) }
    guard let listed = all.first(where: { $0.name == name }),
      let connector = DRMConnector(listed.id, on: card.descriptor, probing: true)
    else { throw DeviceError.absent(device: device, present: all.map { "card\(card.number)-\($0.name)" }) }
    let leased = card.leased.withLock { $0 }
    guard !leased.contains(connector.id) else {
      throw DeviceError.inUse(device: device, reason: "another modulator of this program shows on this connector")
    }
    guard !connector.isDisconnected else {
      throw DeviceError.disconnected(device: device, reason: "no panel is connected to \(name) of \(card.path)")
    }
    guard let mode = connector.modes.chosen(by: request) else {
      let what = request.map { "the mode \($0.width)x\($0.height)" + ($0.rate.map { "@\($0)" } ?? "") } ?? "any mode"
      throw DeviceError.unsupported(device: device, what: what, supported: connector.modes.map(\.text))
    }
    let others = Set(all.filter { $0.id != connector.id }.compactMap(\.crtc))
    guard
      let crtc = Self.choice(
        among: resources.crtcs, possible: connector.possibleCRTCs, current: connector.crtc, others: others,
        leased: leased)
    else {
      throw DeviceError.inUse(
        device: device, reason: "the card feeds as many panels as it can; give this one another card")
    }
    let planes = DRMPlane.all(on: card.descriptor)
    self.connector = connector
    self.mode = mode
    self.crtc = crtc
    plane = DRMPlane.primary(among: planes, crtc: crtc, crtcs: resources.crtcs, leased: leased)
    // What other programs left behind must not lie over the patterns, nor go to other connectors.
    for other in planes where other.crtc == crtc && other.id != plane {
      drmModeSetPlane(card.descriptor, other.id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }
    if others.contains(crtc) { drmModeSetCrtc(card.descriptor, crtc, 0, 0, 0, nil, 0, nil) }
  }

  /// The CRTC for a connector: the one that feeds it and no other, else one that feeds none, else any that is not leased.
  package static func choice(
    among crtcs: [UInt32], possible: UInt32, current: UInt32?, others: Set<UInt32>, leased: Set<UInt32>
  ) -> UInt32? {
    let usable = crtcs.prefix(32).enumerated().filter { possible & (1 << UInt32($0.offset)) != 0 }.map(\.element)
      .filter { !leased.contains($0) }
    let unshared = usable.filter { !others.contains($0) }
    if let current, unshared.contains(current) { return current }
    return unshared.first ?? usable.first
  }
}

/// A plane as the graphics card describes it.
struct DRMPlane {
  let id: UInt32
  /// As bits by the index of the CRTC.
  let possibleCRTCs: UInt32
  /// Where it is shown now.
  let crtc: UInt32?
  let isPrimary: Bool
  let takesXRGB8888: Bool

  static func all(on descriptor: Int32) -> [DRMPlane] {
    guard let raw = drmModeGetPlaneResources(descriptor) else { return [] }
    defer { drmModeFreePlaneResources(raw) }
    return UnsafeBufferPointer(start: raw.pointee.planes, count: Int(raw.pointee.count_planes)).compactMap { id in
      guard let plane = drmModeGetPlane(descriptor, id) else { return nil }
      defer { drmModeFreePlane(plane) }
      let formats = UnsafeBufferPointer(start: plane.pointee.formats, count: Int(plane.pointee.count_formats))
      let type = DRMDescriptorPort(descriptor: descriptor).properties(of: DRMObject(id, .plane)).named("type")?.value
      return DRMPlane(
        id: id, possibleCRTCs: plane.pointee.possible_crtcs,
        crtc: plane.pointee.crtc_id == 0 ? nil : plane.pointee.crtc_id,
        isPrimary: type == UInt64(DRM_PLANE_TYPE_PRIMARY), takesXRGB8888: formats.contains(odu_drm_format_xrgb8888))
    }
  }

  static func primary(among planes: [DRMPlane], crtc: UInt32, crtcs: [UInt32], leased: Set<UInt32>) -> UInt32? {
    guard let index = crtcs.firstIndex(of: crtc), index < 32 else { return nil }
    let usable = planes.filter {
      $0.isPrimary && $0.takesXRGB8888 && $0.possibleCRTCs & (1 << UInt32(index)) != 0 && !leased.contains($0.id)
    }
    return (usable.first { $0.crtc == crtc } ?? usable.first)?.id
  }
}
