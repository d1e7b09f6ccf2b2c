import Catalogues

extension Declaration {
  /// What the member can be given, as a JSON Schema (draft 2020-12) of an object.
  public var schema: JSONValue { .object(parameters.objectSchema) }
}

extension [Parameter] {
  fileprivate var objectSchema: [String: JSONValue] {
    [
      "type": .string("object"),
      "properties": .object(Dictionary(uniqueKeysWithValues: map { ($0.name, $0.schema) })),
      "required": .array(filter(\.isRequired).map { .string($0.name) }),
      "additionalProperties": .bool(false),
    ]
  }
}

extension Parameter {
  /// A JSON Schema of the values. The unit is a keyword of its own, which validators ignore.
  public var schema: JSONValue {
    var schema = kind.schema
    // What may be left out may be null, too.
    if !isRequired, let type = schema["type"] { schema["type"] = .array([type, .string("null")]) }
    if !isRequired, case .array(let choices)? = schema["enum"] { schema["enum"] = .array(choices + [.null]) }
    schema["description"] = .string(summary)
    schema["unit"] = unit.map(JSONValue.string)
    schema["default"] = standard?.json
    return .object(schema)
  }
}

extension Parameter.Kind {
  fileprivate var schema: [String: JSONValue] {
    switch self {
    case .flag: ["type": .string("boolean")]
    case .integer(let range):
      ["type": .string("integer"), "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    case .number(let range):
      ["type": .string("number"), "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    case .text: ["type": .string("string")]
    case .choice(let words): ["type": .string("string"), "enum": .array(words.map(JSONValue.string))]
    case .list(let kind): ["type": .string("array"), "items": .object(kind.schema)]
    case .object(let parameters): parameters.objectSchema
    }
  }
}

extension Parameter.Value {
  var json: JSONValue {
    switch self {
    case .flag(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let value): .string(value)
    case .list(let values): .array(values.map(\.json))
    }
  }
}
