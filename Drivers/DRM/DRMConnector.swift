import CDRM

/// A connector as the graphics card describes it.
struct DRMConnector {
  let id: UInt32
  /// Such as `HDMI-A-1`.
  let name: String
  /// Whether the card is sure that there is no panel; some cards do not know.
  let isDisconnected: Bool
  let modes: [DRMMode]
  /// What could feed it, as bits by the index of the CRTC.
  let possibleCRTCs: UInt32
  /// What feeds it now.
  let crtc: UInt32?

  /// - Parameter probing: asks the panel, which may take a tenth of a second, instead of telling what is known.
  init?(_ id: UInt32, on descriptor: Int32, probing: Bool) {
    guard let raw = probing ? drmModeGetConnector(descriptor, id) : drmModeGetConnectorCurrent(descriptor, id) else {
      return nil
    }
    defer { drmModeFreeConnector(raw) }
    let connector = raw.pointee
    self.id = id
    let type = drmModeGetConnectorTypeName(connector.connector_type).map { String(cString: $0) } ?? "Unknown"
    name = "\(type)-\(connector.connector_type_id)"
    isDisconnected = connector.connection == DRM_MODE_DISCONNECTED
    modes = UnsafeBufferPointer(start: connector.modes, count: Int(max(0, connector.count_modes))).map(DRMMode.init)
    var possible: UInt32 = 0
    for encoder in UnsafeBufferPointer(start: connector.encoders, count: Int(max(0, connector.count_encoders))) {
      guard let raw = drmModeGetEncoder(descriptor, encoder) else { continue }
      possible |= raw.pointee.possible_crtcs
      drmModeFreeEncoder(raw)
    }
    possibleCRTCs = possible
    crtc = Self.crtc(of: connector.encoder_id, on: descriptor)
  }

  private static func crtc(of encoder: UInt32, on descriptor: Int32) -> UInt32? {
    guard encoder != 0, let raw = drmModeGetEncoder(descriptor, encoder) else { return nil }
    defer { drmModeFreeEncoder(raw) }
    return raw.pointee.crtc_id == 0 ? nil : raw.pointee.crtc_id
  }
}

/// The connectors and CRTCs of a card.
struct DRMResources {
  let connectors: [UInt32]
  let crtcs: [UInt32]

  init?(on descriptor: Int32) {
    guard let raw = drmModeGetResources(descriptor) else { return nil }
    defer { drmModeFreeResources(raw) }
    let all = raw.pointee
    connectors = Array(UnsafeBufferPointer(start: all.connectors, count: Int(max(0, all.count_connectors))))
    crtcs = Array(UnsafeBufferPointer(start: all.crtcs, count: Int(max(0, all.count_crtcs))))
  }
}
