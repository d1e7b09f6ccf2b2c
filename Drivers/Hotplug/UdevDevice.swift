import CUdev

/// A device as the kernel and udev's database describe it.
public struct UdevDevice: Sendable, Codable, Equatable {
  public var subsystem: String
  /// The kernel's name, such as `video0`, `card0` or `1-2`.
  public var name: String
  /// The device node; nil for what has none, such as a connector.
  public var node: String?
  /// Links to the node that udev made.
  public var links: [String]
  /// Properties such as `ID_SERIAL`, `ID_PATH` and `PRODUCT`; fewer where udev does not run.
  public var properties: [String: String]

  public init(
    subsystem: String, name: String, node: String? = nil, links: [String] = [], properties: [String: String] = [:]
  ) {
    self.subsystem = subsystem
    self.name = name
    self.node = node
    self.links = links
    self.properties = properties
  }

  /// The devices of this machine that match one of the filters, in the order of filters and names.
  public static func all(matching filters: [UdevFilter] = UdevFilter.bench) -> [UdevDevice] {
    guard let udev = udev_new() else { return [] }
    defer { udev_unref(udev) }
    return filters.flatMap { filter in
      paths(udev, filter).compactMap { path in
        guard let handle = udev_device_new_from_syspath(udev, path) else { return nil }
        defer { udev_device_unref(handle) }
        return UdevDevice(handle)
      }.sorted { ($0.name.count, $0.name) < ($1.name.count, $1.name) }
    }
  }

  private init(_ handle: OpaquePointer) {
    subsystem = udev_device_get_subsystem(handle).map { String(cString: $0) } ?? ""
    name = udev_device_get_sysname(handle).map { String(cString: $0) } ?? ""
    node = udev_device_get_devnode(handle).map { String(cString: $0) }
    links = entries(udev_device_get_devlinks_list_entry(handle)).map(\.name).sorted()
    properties = Dictionary(entries(udev_device_get_properties_list_entry(handle))) { first, _ in first }
  }

  private static func paths(_ udev: OpaquePointer, _ filter: UdevFilter) -> [String] {
    guard let enumerate = udev_enumerate_new(udev) else { return [] }
    defer { udev_enumerate_unref(enumerate) }
    guard udev_enumerate_add_match_subsystem(enumerate, filter.subsystem) >= 0 else { return [] }
    if let type = filter.deviceType {
      guard udev_enumerate_add_match_property(enumerate, "DEVTYPE", type) >= 0 else { return [] }
    }
    guard udev_enumerate_scan_devices(enumerate) >= 0 else { return [] }
    return entries(udev_enumerate_get_list_entry(enumerate)).map(\.name)
  }
}

/// The names and values of a list of libudev.
private func entries(_ first: OpaquePointer?) -> [(name: String, value: String)] {
  var found: [(name: String, value: String)] = []
  var next = first
  while let entry = next {
    if let name = udev_list_entry_get_name(entry) {
      found.append((String(cString: name), udev_list_entry_get_value(entry).map { String(cString: $0) } ?? ""))
    }
    next = udev_list_entry_get_next(entry)
  }
  return found
}
