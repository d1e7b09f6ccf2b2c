import CDRM
import Concurrency
import Devices
import Glibc

/// A graphics card that this process is master of. Two panels may hang on one card while the kernel knows one master only:
/// so the card is opened once, and each panel gets a lease of its connector, a file descriptor on which it is master of
/// that part of the card.
final class DRMCard: Sendable {
  /// One panel's share in the card, which is closed when nobody has one any more.
  struct Share: ~Copyable, Sendable {
    let card: DRMCard

    fileprivate init(_ card: DRMCard) { self.card = card }

    deinit { DRMCard.leave(card) }
  }

  private struct Entry {
    var card: DRMCard
    var shares: Int
  }

  private static let entries = Locked<[UInt64: Entry]>([:])
  /// Programs that only look at a card are its master for a moment.
  private static let attempts = 5

  let number: Int
  let path: String
  /// The kernel's driver, such as `i915`.
  let driver: String
  /// Objects that are leased.
  let leased = Locked<Set<UInt32>>([])
  private let file: OwnedDescriptor
  var descriptor: Int32 { file.number }

  /// Opens a card, or joins those in this process that have it open.
  /// - Throws: ``DeviceError``.
  static func share(_ node: DeviceNode, device: String) throws -> Share {
    try entries.withLock { entries in
      let card = try entries[node.minor]?.card ?? DRMCard(node, device: device)
      entries[node.minor, default: Entry(card: card, shares: 0)].shares += 1
      return Share(card)
    }
  }

  private static func leave(_ card: DRMCard) {
    entries.withLock { entries in
      let number = UInt64(card.number)
      entries[number]?.shares -= 1
      if entries[number]?.shares == 0 { entries[number] = nil }
    }
  }

  private init(_ node: DeviceNode, device: String) throws {
    let file = try Self.becomeMaster(of: node, device: device)
    number = Int(node.minor)
    path = node.path
    guard let version = drmGetVersion(file.number) else {
      throw DeviceError.notADevice(path: node.path, expected: "a graphics card", found: "a device without DRM")
    }
    defer { drmFreeVersion(version) }
    driver = version.pointee.name.map { String(cString: $0) } ?? "unknown"
    var value: UInt64 = 0
    guard drmGetCap(file.number, UInt64(DRM_CAP_DUMB_BUFFER), &value) == 0, value == 1 else {
      throw DeviceError.unsupported(
        device: device, what: "drawing without acceleration (dumb buffers) with the kernel driver \(driver)",
        supported: [])
    }
    drmSetClientCap(file.number, UInt64(DRM_CLIENT_CAP_UNIVERSAL_PLANES), 1)
    self.file = file
  }

  private static func becomeMaster(of node: DeviceNode, device: String) throws -> OwnedDescriptor {
    for attempt in 1... {
      // Whoever opens a card that has no master becomes it.
      let file = try node.open(device: device)
      if drmIsMaster(file.number) == 1 || drmSetMaster(file.number) == 0 { return file }
      guard attempt < attempts else { break }
      sleepThread(until: MonotonicClock().now + 20_000_000)
    }
    throw DeviceError.inUse(device: device, reason: DRMHolder.describe(card: Int(node.minor), path: node.path))
  }
}

/// A part of a card, of which the holder of the lease alone is master.
final class DRMLease {
  let card: DRMCard
  private let objects: Set<UInt32>
  private let file: OwnedDescriptor
  private let share: DRMCard.Share
  var descriptor: Int32 { file.number }

  init(_ share: consuming DRMCard.Share, route: DRMRoute, device: String) throws {
    let card = share.card
    let objects = [route.connector.id, route.crtc] + (route.plane.map { [$0] } ?? [])
    var lessee: UInt32 = 0
    // To those who know of planes the kernel leases no CRTC without one; to others it adds the CRTC's own.
    let planes = UInt64(DRM_CLIENT_CAP_UNIVERSAL_PLANES)
    if route.plane == nil { drmSetClientCap(card.descriptor, planes, 0) }
    let result = drmModeCreateLease(card.descriptor, objects, Int32(objects.count), O_CLOEXEC, &lessee)
    if route.plane == nil { drmSetClientCap(card.descriptor, planes, 1) }
    guard result >= 0 else {
      throw DeviceError.failed(
        device: device, operation: "taking the connector for this panel alone", reason: errorText(-result))
    }
    file = OwnedDescriptor(result)
    self.card = card
    self.objects = Set(objects)
    self.share = share
    card.leased.withLock { $0.formUnion(objects) }
  }

  deinit { card.leased.withLock { $0.subtract(objects) } }
}
