import Catalogues

/// What values a key takes, and how they are read.
public struct Form<Content>: Sendable {
  let kind: Parameter.Kind
  let unit: String?
  /// What the section says at a key; nil when that is wrong, which has been reported.
  let read: @Sendable (_ section: Section, _ key: String) -> Content?
  /// A value as it stands in a file; nil for one that is not written.
  let written: @Sendable (Content) -> YAMLValue?

  public init(
    _ kind: Parameter.Kind, unit: String? = nil,
    written: @escaping @Sendable (Content) -> YAMLValue? = { _ in nil },
    read: @escaping @Sendable (_ section: Section, _ key: String) -> Content?
  ) {
    (self.kind, self.unit, self.written, self.read) = (kind, unit, written, read)
  }

  /// The same form, which takes no value that there is a problem with.
  public func refusing(_ problem: @escaping @Sendable (Content) -> String?) -> Form {
    Form(
      kind, unit: unit, written: written,
      read: { [read] section, key in
        guard let content = read(section, key) else { return nil }
        guard let problem = problem(content) else { return content }
        section.reject(key, problem)
        return nil
      })
  }

  func parameter(
    _ name: String, _ summary: String, standard: Content? = nil, isRequired: Bool = false
  ) -> Parameter {
    Parameter(name, kind, summary, unit: unit, standard: standard.flatMap(written)?.standard, isRequired: isRequired)
  }
}

extension Form where Content == Double {
  public static func number(_ quantity: Quantity) -> Form {
    Form(.number(quantity.range), unit: quantity.symbol, written: { .number($0) }, read: { $0.number($1, quantity) })
  }
}

extension Form where Content == Int {
  public static func integer(_ range: ClosedRange<Int>) -> Form {
    Form(.integer(range), written: { .integer($0) }, read: { $0.integer($1, range) })
  }
}

extension Form where Content == UInt64 {
  /// A seed of random numbers.
  public static var seed: Form {
    Form(
      .integer(0...Int.max), written: { .integer(Int(clamping: $0)) },
      read: { section, key in
        section.integer(key, 0...Int.max).map { UInt64($0) }
      })
  }
}

extension Form where Content == Bool {
  public static var flag: Form { Form(.flag, written: { .flag($0) }, read: { $0.flag($1) }) }
}

extension Form where Content == String {
  /// Any word.
  public static var text: Form { Form(.text, written: { .text($0) }, read: { $0.text($1) }) }
}

extension Form where Content: RawRepresentable<String> & CaseIterable & SendableMetatype {
  /// One of these words.
  public static var choice: Form {
    Form(.choice(Content.allCases.map(\.rawValue)), written: { .text($0.rawValue) }, read: { $0.choice($1) })
  }
}

extension Form where Content == [Double] {
  /// A list of numbers.
  public static func numbers(_ quantity: Quantity) -> Form {
    Form(
      .list(of: .number(quantity.range)), unit: quantity.symbol, written: { .list($0.map { .number($0) }) },
      read: { $0.numbers($1, quantity) })
  }
}

extension Form where Content == [[Double]] {
  /// A list of lists of numbers.
  public static var rows: Form {
    Form(
      .list(of: .list(of: .number(-1e9...1e9))), written: { .list($0.map { .list($0.map { .number($0) }) }) },
      read: { $0.rows($1) })
  }
}

extension Form where Content: Sendable {
  /// A section of its own.
  public static func section(_ schema: Schema<Content>) -> Form {
    Form(
      .object(schema.parameters), written: { schema.written($0) },
      read: { section, key in section.section(key, schema).flatMap { schema.read($0) } })
  }

  /// A list of sections.
  public static func list<Entry>(of schema: Schema<Entry>) -> Form where Content == [Entry] {
    Form(
      .list(of: .object(schema.parameters)), written: { .list($0.map { schema.written($0) }) },
      read: { section, key in
        let entries = section.sections(key, keys: schema.names)?.map { schema.read($0) }
        return entries.flatMap { $0.contains { $0 == nil } ? nil : $0.compactMap(\.self) }
      })
  }
}
