import CDRM

/// The properties of a connector, CRTC or plane.
struct DRMProperties {
  private struct Property {
    let id: UInt32
    let value: UInt64
    let limits: [UInt64]
    let names: [String: UInt64]
  }

  let object: UInt32
  private var properties: [String: Property] = [:]

  /// - Parameter type: `DRM_MODE_OBJECT_CONNECTOR`, `…CRTC` or `…PLANE`.
  init(of object: UInt32, type: UInt32, on descriptor: Int32) {
    self.object = object
    guard let raw = drmModeObjectGetProperties(descriptor, object, type) else { return }
    defer { drmModeFreeObjectProperties(raw) }
    for index in 0..<Int(raw.pointee.count_props) {
      guard let property = drmModeGetProperty(descriptor, raw.pointee.props[index]) else { continue }
      defer { drmModeFreeProperty(property) }
      let raw = (object: raw.pointee, property: property.pointee)
      let limits = UnsafeBufferPointer(start: raw.property.values, count: Int(max(0, raw.property.count_values)))
      let enums = UnsafeBufferPointer(start: raw.property.enums, count: Int(max(0, raw.property.count_enums)))
      properties[text(raw.property.name)] = Property(
        id: raw.property.prop_id, value: raw.object.prop_values[index], limits: Array(limits),
        names: Dictionary(enums.map { (text($0.name), UInt64($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  func id(_ name: String) -> UInt32? { properties[name]?.id }

  func value(_ name: String) -> UInt64? { properties[name]?.value }

  /// What stands for one of the words that the property can have; nil when it cannot.
  func value(_ name: String, meaning word: String) -> UInt64? { properties[name]?.names[word] }

  /// Whether the property takes this number.
  func takes(_ name: String, _ number: UInt64) -> Bool {
    guard let limits = properties[name]?.limits, limits.count == 2, limits[0] <= limits[1] else { return false }
    return (limits[0]...limits[1]).contains(number)
  }

  /// A name of at most 32 bytes, ended by zero unless it has all of them.
  private func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
