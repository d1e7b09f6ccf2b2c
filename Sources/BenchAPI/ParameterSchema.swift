import Catalogues

extension Declaration {
  /// What the member can be given: a JSON Schema (draft 2020-12) of an object.
  ///
  /// - Throws: when a bound or a default is no number that JSON has.
  public func schema() throws -> JSONValue { try JSONValue(encoding: JSONSchema(parameters)) }

  /// Parameters with the defaults for what was left out.
  public func completing(_ given: JSONValue) -> JSONValue {
    guard case .object(var members) = given else { return given }
    for parameter in parameters where (members[parameter.name] ?? .null) == .null {
      members[parameter.name] = parameter.standard?.json
    }
    return .object(members)
  }
}

extension Parameter.Value {
  fileprivate var json: JSONValue {
    switch self {
    case .flag(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let value): .string(value)
    case .list(let values): .array(values.map(\.json))
    }
  }
}
