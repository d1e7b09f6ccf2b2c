/// Reads the settings that a bench file gives to a driver, and refuses those that the driver does not know.
public struct SettingsReader: Sendable {
  private let settings: Driver.Settings
  private let device: String

  /// Settings that every modulator has: what it is used for, and the level of its safe pattern.
  public static let common = ["role", "safeLevel"]

  /// - Parameters:
  ///   - device: what messages call the device.
  ///   - keys: the driver's own settings; those of ``common`` are known anyway.
  /// - Throws: ``DeviceError/unknownSetting(device:setting:known:)``.
  public init(_ settings: Driver.Settings, device: String, keys: [String]) throws {
    self.settings = settings
    self.device = device
    let known = keys + Self.common
    if let key = settings.keys.sorted().first(where: { !known.contains($0) }) {
      throw DeviceError.unknownSetting(device: device, setting: key, known: known.sorted())
    }
  }

  public func text(_ key: String) -> String? { settings[key] }

  /// The value, which must be there.
  public func required(_ key: String, as what: String) throws -> String {
    guard let value = settings[key], !value.isEmpty else {
      throw DeviceError.invalidSetting(device: device, setting: key, value: "(none)", accepted: what)
    }
    return value
  }

  public func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = settings[key] else { return nil }
    // Leading zeros are octal to some programs.
    guard let value = Int(text), String(value) == text, range.contains(value) else {
      throw refused(key, "a whole number in \(range.lowerBound)…\(range.upperBound)")
    }
    return value
  }

  public func number(_ key: String, _ range: ClosedRange<Double>, unit: String) throws -> Double? {
    guard let text = settings[key] else { return nil }
    guard let value = Double(text), !text.lowercased().contains("x"), range.contains(value) else {
      throw refused(key, "a number in \(range.lowerBound)…\(range.upperBound) \(unit)")
    }
    return value
  }

  public func flag(_ key: String) throws -> Bool? {
    guard let text = settings[key] else { return nil }
    guard let value = Bool(text) else { throw refused(key, "true or false") }
    return value
  }

  public func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _: Value.Type = Value.self) throws -> Value?
  where Value.RawValue == String {
    guard let text = settings[key] else { return nil }
    guard let value = Value(rawValue: text) else {
      throw refused(key, "one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  /// The grey level of every pixel of the safe pattern, `safeLevel`; 0 unless the file says otherwise.
  public func safeLevel() throws -> UInt8 { UInt8(try integer("safeLevel", 0...255) ?? 0) }

  private func refused(_ key: String, _ accepted: String) -> DeviceError {
    .invalidSetting(device: device, setting: key, value: settings[key] ?? "", accepted: accepted)
  }
}
