import CDRM

/// A property of a connector, CRTC or plane, as the kernel describes it.
package struct DRMProperty: Sendable, Equatable {
  package enum Form: Sendable, Equatable {
    case range(ClosedRange<UInt64>)
    /// The numbers that stand for words.
    case words([String: UInt64])
    /// The bits that stand for words.
    case bits([String: UInt64])
    /// Data such as a table; 0 for none.
    case blob
    /// Another object, or a number that is signed.
    case other
  }

  package var id: UInt32
  package var name: String
  package var form: Form
  package var value: UInt64
  package var isSettable: Bool

  package init(id: UInt32, name: String, form: Form, value: UInt64, isSettable: Bool = true) {
    self.id = id
    self.name = name
    self.form = form
    self.value = value
    self.isSettable = isSettable
  }

  init(_ raw: drmModePropertyRes, value: UInt64) {
    func has(_ flag: Int32) -> Bool { raw.flags & UInt32(flag) != 0 }
    let limits = Array(UnsafeBufferPointer(start: raw.values, count: Int(max(0, raw.count_values))))
    let enums = UnsafeBufferPointer(start: raw.enums, count: Int(max(0, raw.count_enums)))
    let words = Dictionary(
      enums.map { (Self.text($0.name), UInt64($0.value)) }, uniquingKeysWith: { first, _ in first })
    id = raw.prop_id
    name = Self.text(raw.name)
    self.value = value
    isSettable = !has(DRM_MODE_PROP_IMMUTABLE)
    form =
      if has(DRM_MODE_PROP_BLOB) {
        .blob
      } else if has(DRM_MODE_PROP_BITMASK) {
        .bits(words)
      } else if has(DRM_MODE_PROP_ENUM) {
        .words(words)
      } else if has(DRM_MODE_PROP_RANGE), limits.count == 2, limits[0] <= limits[1] {
        .range(limits[0]...limits[1])
      } else {
        .other
      }
  }

  /// A value as a person reads it.
  package func text(of value: UInt64) -> String {
    switch form {
    case .blob: return value == 0 ? "none" : "set"
    case .words(let words): return words.first { $0.value == value }?.key ?? "\(value)"
    case .bits(let bits):
      let set = bits.filter { $0.value < 64 && value & (1 << $0.value) != 0 }.keys.sorted()
      return set.isEmpty ? "\(value)" : set.joined(separator: " ")
    case .range, .other: return "\(value)"
    }
  }

  /// A name of at most 32 bytes, ended by zero unless it has all of them.
  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension [DRMProperty] {
  func named(_ name: String) -> DRMProperty? { first { $0.name == name } }
}
