import Catalogues

/// The settings of a driver, each declared once: reading them, refusing others and the tables of the driver's page follow from it.
///
/// ```swift
/// static let declared = Settings(PlayerSettings()) {
///   Setting(required: "device", \.serial, .text("a serial number"), "the player's serial number")
///   Setting("safeLevel", \.safeLevel, .level, "grey level of the safe pattern")
/// }
/// ```
public struct Settings<Value: Sendable>: Sendable {
  /// What holds where a bench file says nothing.
  public let start: Value
  private let all: [Setting<Value>]

  public init(_ start: Value, @ListBuilder<Setting<Value>> all: () -> [Setting<Value>]) {
    (self.start, self.all) = (start, all())
  }

  /// Every device is told what it is used for, and may be given the level of its safe pattern.
  private var known: [String] { Set(all.map(\.name) + ["role", "safeLevel"]).sorted() }

  /// The settings as people and other programs are told of them.
  public var parameters: [Parameter] { all.map { $0.describe(start) } }

  /// What a bench file says.
  ///
  /// - Parameter device: what messages call the device.
  /// - Throws: ``DeviceError/unknownSetting(device:setting:known:)``,
  ///   ``DeviceError/invalidSetting(device:setting:value:accepted:)``.
  public func read(_ settings: Driver.Settings, device: String) throws -> Value {
    if let key = settings.keys.sorted().first(where: { !known.contains($0) }) {
      throw DeviceError.unknownSetting(device: device, setting: key, known: known)
    }
    return try all.reduce(into: start) { value, setting in
      do throws(Refusal) {
        try setting.read(settings, &value)
      } catch {
        let value = settings[setting.name, default: ""]
        throw DeviceError.invalidSetting(
          device: device, setting: setting.name, value: value.isEmpty ? "(none)" : value, accepted: error.accepted)
      }
    }
  }
}

/// One setting of a driver.
public struct Setting<Value: Sendable>: Sendable {
  public let name: String
  let describe: @Sendable (Value) -> Parameter
  let read: @Sendable (Driver.Settings, inout Value) throws(Refusal) -> Void

  /// A setting that may be left out: then what the settings start with holds.
  public init<Content>(
    _ name: String, _ path: WritableKeyPath<Value, Content> & Sendable, _ form: SettingForm<Content>, _ summary: String
  ) {
    self.name = name
    describe = { form.parameter(name, summary, standard: form.written($0[keyPath: path])) }
    read = { settings, value throws(Refusal) in
      if let text = settings[name] { value[keyPath: path] = try form.read(text) }
    }
  }

  /// A setting that may be left out: then there is no value.
  public init<Content>(
    _ name: String, _ path: WritableKeyPath<Value, Content?> & Sendable, _ form: SettingForm<Content>,
    _ summary: String
  ) {
    self.name = name
    describe = { form.parameter(name, summary, standard: $0[keyPath: path].flatMap(form.written)) }
    read = { settings, value throws(Refusal) in
      if let text = settings[name] { value[keyPath: path] = try form.read(text) }
    }
  }

  /// A setting that must be there.
  public init<Content>(
    required name: String, _ path: WritableKeyPath<Value, Content> & Sendable, _ form: SettingForm<Content>,
    _ summary: String
  ) {
    self.name = name
    describe = { _ in form.parameter(name, summary, isRequired: true) }
    read = { settings, value throws(Refusal) in
      guard let text = settings[name], !text.isEmpty else { throw Refusal(accepted: form.accepted) }
      value[keyPath: path] = try form.read(text)
    }
  }
}

/// What is accepted instead of a text.
struct Refusal: Error {
  var accepted: String
}

/// What a setting accepts, and how it is read.
public struct SettingForm<Content>: Sendable {
  let kind: Parameter.Kind
  let unit: String?
  /// What messages say is accepted.
  let accepted: String
  let written: @Sendable (Content) -> Parameter.Value?
  /// Nil for text that is not accepted.
  let parse: @Sendable (String) -> Content?

  init(
    _ kind: Parameter.Kind, accepted: String, unit: String? = nil,
    written: @escaping @Sendable (Content) -> Parameter.Value? = { _ in nil },
    parse: @escaping @Sendable (String) -> Content?
  ) {
    (self.kind, self.accepted, self.unit, self.written, self.parse) = (kind, accepted, unit, written, parse)
  }

  func read(_ text: String) throws(Refusal) -> Content {
    guard let content = parse(text) else { throw Refusal(accepted: accepted) }
    return content
  }

  func parameter(
    _ name: String, _ summary: String, standard: Parameter.Value? = nil, isRequired: Bool = false
  ) -> Parameter {
    Parameter(name, kind, summary, unit: unit, standard: standard, isRequired: isRequired)
  }
}

extension SettingForm {
  /// A text that means something.
  ///
  /// - Parameters:
  ///   - accepted: what messages say is accepted: "a mode such as 1024x768".
  ///   - parse: what the text means; nil when it is not accepted.
  public static func text(_ accepted: String, _ parse: @escaping @Sendable (String) -> Content?) -> SettingForm {
    SettingForm(.text, accepted: accepted, parse: parse)
  }
}

extension SettingForm where Content == String {
  /// Any text.
  public static func text(_ accepted: String) -> SettingForm { SettingForm(.text, accepted: accepted) { $0 } }
}

extension SettingForm where Content == Int {
  public static func integer(_ range: ClosedRange<Int>) -> SettingForm {
    SettingForm(
      .integer(range), accepted: "a whole number in \(range.lowerBound)…\(range.upperBound)", written: { .integer($0) },
      parse: { text in
        // Leading zeros are octal to some programs.
        Int(text).flatMap { String($0) == text && range.contains($0) ? $0 : nil }
      })
  }
}

extension SettingForm where Content == UInt8 {
  /// A grey level.
  public static var level: SettingForm {
    let form = SettingForm<Int>.integer(0...255)
    return SettingForm(
      form.kind, accepted: form.accepted, written: { .integer(Int($0)) },
      parse: { text in
        form.parse(text).map { UInt8($0) }
      })
  }
}

extension SettingForm where Content == Double {
  /// - Parameters:
  ///   - words: what messages say behind the range.
  ///   - unit: the SI unit, nil for a number without one.
  public static func number(_ range: ClosedRange<Double>, _ words: String, unit: String? = nil) -> SettingForm {
    SettingForm(
      .number(range), accepted: "a number in \(range.lowerBound)…\(range.upperBound) \(words)", unit: unit,
      written: { .number($0) },
      parse: { text in
        guard let value = Double(text), !text.lowercased().contains("x"), range.contains(value) else { return nil }
        return value
      })
  }

  public static func seconds(_ range: ClosedRange<Double>) -> SettingForm {
    .number(range, "seconds, written without the unit", unit: "s")
  }
}

extension SettingForm where Content == Bool {
  public static var flag: SettingForm {
    SettingForm(.flag, accepted: "true or false", written: { .flag($0) }, parse: { Bool($0) })
  }
}

extension SettingForm where Content: RawRepresentable<String> & CaseIterable & SendableMetatype {
  /// One of these words.
  public static var choice: SettingForm {
    let words = Content.allCases.map(\.rawValue)
    return SettingForm(
      .choice(words), accepted: "one of \(words.joined(separator: ", "))", written: { .text($0.rawValue) },
      parse: { Content(rawValue: $0) })
  }
}
