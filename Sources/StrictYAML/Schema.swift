import Catalogues

/// The keys of a section, each declared once: its name, where its value goes, what values it takes, what holds without it,
/// and what it means. Reading, unknown keys, defaults, ranges, units and the tables of the guides follow from it.
///
/// ```swift
/// let timing = Schema(BenchTiming()) {
///   Key("deadline", \.deadline, .number(.duration), "longest wait for a matching frame")
///   Key("uploadCount", \.uploadCount, .integer(1...65536), "patterns uploaded together; without it the modulator's")
/// }
/// ```
public struct Schema<Value: Sendable>: Sendable {
  /// What holds where a section says nothing.
  public let start: Value
  /// In the order in which people read them.
  public let keys: [Key<Value>]
  private let check: @Sendable (Value, Section) -> Void

  /// - Parameters:
  ///   - start: what holds where a section says nothing. What it has for required keys is never used.
  ///   - keys: in the order in which people read them.
  ///   - check: reports what is wrong with values that are right by themselves.
  public init(
    _ start: Value, @ListBuilder<Key<Value>> keys: () -> [Key<Value>],
    check: @escaping @Sendable (Value, Section) -> Void = { _, _ in }
  ) {
    (self.start, self.keys, self.check) = (start, keys(), check)
  }

  public var names: [String] { keys.map(\.name) }

  /// The keys as people and other programs are told of them.
  public var parameters: [Parameter] { parameters(from: start) }

  func parameters(from start: Value) -> [Parameter] { keys.map { $0.describe(start) } }

  /// Puts what a section says into a value. A key that is wrong has been reported, and the value keeps what it had there.
  ///
  /// - Returns: the keys that are wrong, or required and missing.
  @discardableResult public func read(_ section: Section, into value: inout Value) -> Set<String> {
    var wrong: Set<String> = []
    for key in keys where !key.read(section, &value) { wrong.insert(key.name) }
    check(value, section)
    return wrong
  }

  /// A value as a section that says all of it, defaults included.
  public func written(_ value: Value) -> YAMLValue {
    .section(keys.compactMap { key in key.write(value).map { YAMLValue.Entry(key.name, $0) } })
  }

  /// What a section says; nil when a key is wrong, which has been reported.
  public func read(_ section: Section) -> Value? {
    var value = start
    return read(section, into: &value).isEmpty ? value : nil
  }
}

/// One key of a section.
public struct Key<Value: Sendable>: Sendable {
  public let name: String
  /// For a section that starts with this value.
  let describe: @Sendable (Value) -> Parameter
  /// Whether the key is right. What is wrong has been reported.
  let read: @Sendable (Section, inout Value) -> Bool
  /// What stands in a file for this value; nil for nothing.
  let write: @Sendable (Value) -> YAMLValue?

  /// A key that may be left out: then what the section starts with holds.
  public init<Content>(
    _ name: String, _ path: WritableKeyPath<Value, Content> & Sendable, _ form: Form<Content>, _ summary: String
  ) {
    self.name = name
    describe = { form.parameter(name, summary, standard: $0[keyPath: path]) }
    write = { form.written($0[keyPath: path]) }
    read = { section, value in
      guard section.has(name) else { return true }
      guard let content = form.read(section, name) else { return false }
      value[keyPath: path] = content
      return true
    }
  }

  /// A key that may be left out: then there is no value, unless the section starts with one.
  public init<Content>(
    _ name: String, _ path: WritableKeyPath<Value, Content?> & Sendable, _ form: Form<Content>, _ summary: String
  ) {
    self.name = name
    describe = { form.parameter(name, summary, standard: $0[keyPath: path]) }
    write = { $0[keyPath: path].flatMap(form.written) }
    read = { section, value in
      guard section.has(name) else { return true }
      guard let content = form.read(section, name) else { return false }
      value[keyPath: path] = content
      return true
    }
  }

  /// A key that must be there.
  public init<Content>(
    required name: String, _ path: WritableKeyPath<Value, Content> & Sendable, _ form: Form<Content>, _ summary: String
  ) {
    self.name = name
    describe = { _ in form.parameter(name, summary, isRequired: true) }
    write = { form.written($0[keyPath: path]) }
    read = { section, value in
      guard let content = form.read(section, name) else { return false }
      value[keyPath: path] = content
      return true
    }
  }

  /// A key that must be there, whose value the section starts without.
  public init<Content>(
    required name: String, _ path: WritableKeyPath<Value, Content?> & Sendable, _ form: Form<Content>, _ summary: String
  ) {
    self.name = name
    describe = { _ in form.parameter(name, summary, isRequired: true) }
    write = { $0[keyPath: path].flatMap(form.written) }
    read = { section, value in
      guard let content = form.read(section, name) else { return false }
      value[keyPath: path] = content
      return true
    }
  }

  /// A section within, which may be left out and starts with what the value has there.
  public init<Content>(
    _ name: String, _ path: WritableKeyPath<Value, Content> & Sendable, _ schema: Schema<Content>, _ summary: String
  ) {
    self.name = name
    describe = { Parameter(name, .object(schema.parameters(from: $0[keyPath: path])), summary) }
    write = { schema.written($0[keyPath: path]) }
    read = { section, value in
      guard section.has(name) else { return true }
      guard let inner = section.section(name, schema) else { return false }
      return schema.read(inner, into: &value[keyPath: path]).isEmpty
    }
  }

  private init(
    _ name: String, describe: @escaping @Sendable (Value) -> Parameter,
    write: @escaping @Sendable (Value) -> YAMLValue?, read: @escaping @Sendable (Section, inout Value) -> Bool
  ) {
    (self.name, self.describe, self.write, self.read) = (name, describe, write, read)
  }

  /// The same key, which is a mistake where `condition` holds of the keys before it.
  public func refused(_ message: String, if condition: @escaping @Sendable (Value) -> Bool) -> Key {
    Key(
      name, describe: describe, write: { [write] value in condition(value) ? nil : write(value) },
      read: { [name, read] section, value in
        guard condition(value) else { return read(section, &value) }
        guard section.has(name) else { return true }
        section.reject(name, message)
        return false
      })
  }
}

extension Section {
  /// A section within that has the keys of a schema.
  public func section<Value>(_ key: String, _ schema: Schema<Value>, optional: Bool = false) -> Section? {
    section(key, keys: schema.names, optional: optional)
  }
}
