/// What JSON Schema (2020-12) says of parameters, so that other programs can make and check what they send. The unit, for which
/// JSON Schema has no word, is `x-unit`.
public struct JSONSchema: Sendable, Equatable, Encodable {
  var type: String
  var description: String?
  var unit: String?
  var standard: Parameter.Value?
  var minimum: Bound?
  var maximum: Bound?
  var words: [String]?
  var examples: [String]?
  /// Of the entries of a list.
  var entry: [JSONSchema]?
  var properties: [String: JSONSchema]?
  var required: [String]?

  /// A whole number is written without a point.
  enum Bound: Sendable, Equatable {
    case integer(Int)
    case number(Double)
  }

  /// An object with these parameters and no others.
  public init(_ parameters: [Parameter]) {
    self.init(.object(parameters))
    properties = properties ?? [:]
  }

  init(_ parameter: Parameter) {
    self.init(parameter.kind)
    (description, unit, standard) = (parameter.summary, parameter.unit, parameter.standard)
    examples = parameter.examples.isEmpty ? nil : parameter.examples
  }

  private init(_ kind: Parameter.Kind) {
    switch kind {
    case .flag: type = "boolean"
    case .text: type = "string"
    case .integer(let range):
      type = "integer"
      minimum = range.lowerBound == .min ? nil : .integer(range.lowerBound)
      maximum = range.upperBound == .max ? nil : .integer(range.upperBound)
    case .number(let range):
      type = "number"
      minimum = range.lowerBound.isFinite ? .number(range.lowerBound) : nil
      maximum = range.upperBound.isFinite ? .number(range.upperBound) : nil
    case .choice(let choice):
      type = "string"
      words = choice
    case .list(let kind):
      type = "array"
      entry = [JSONSchema(kind)]
    case .object(let parameters):
      type = "object"
      guard !parameters.isEmpty else { return }
      properties = Dictionary(parameters.map { ($0.name, JSONSchema($0)) }) { first, _ in first }
      let needed = parameters.filter(\.isRequired).map(\.name)
      required = needed.isEmpty ? nil : needed
    }
  }

  private enum CodingKeys: String, CodingKey {
    case type, description, examples, minimum, maximum, properties, required, additionalProperties
    case unit = "x-unit"
    case standard = "default"
    case words = "enum"
    case entry = "items"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type, forKey: .type)
    try container.encodeIfPresent(description, forKey: .description)
    try container.encodeIfPresent(unit, forKey: .unit)
    try standard?.encodePlain(to: container.superEncoder(forKey: .standard))
    try minimum?.encodePlain(to: container.superEncoder(forKey: .minimum))
    try maximum?.encodePlain(to: container.superEncoder(forKey: .maximum))
    try container.encodeIfPresent(words, forKey: .words)
    try container.encodeIfPresent(examples, forKey: .examples)
    try container.encodeIfPresent(entry?.first, forKey: .entry)
    try container.encodeIfPresent(properties, forKey: .properties)
    try container.encodeIfPresent(required, forKey: .required)
    if properties != nil { try container.encode(false, forKey: .additionalProperties) }
  }
}

extension JSONSchema.Bound {
  fileprivate func encodePlain(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    }
  }
}

extension Parameter.Value {
  /// The value itself, without the name of its kind.
  fileprivate func encodePlain(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values.map(Plain.init))
    }
  }

  /// Encodes an entry of a list as the value itself.
  private struct Plain: Encodable {
    let value: Parameter.Value

    init(_ value: Parameter.Value) { self.value = value }

    func encode(to encoder: any Encoder) throws { try value.encodePlain(to: encoder) }
  }
}
