/// Any JSON document: what a client may send as a job's parameters and what a job may answer.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The document that a value encodes to.
  public init(encoding value: some Encodable) throws {
    self = try APICoding.decode(JSONValue.self, from: APICoding.encode(value))
  }

  /// The value that this document describes.
  public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
    do {
      return try APICoding.decode(type, from: APICoding.encode(self))
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      // A document that was read once is valid JSON, whatever the decoder says of numbers that do not fit.
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "a number is negative, broken or too large where it must not be"))
    }
  }

  /// The member of an object, nil when there is none or this is no object.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The value as a number, nil when it is none.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if (try? container.decode(UInt64.self)) != nil {
      // As a number with a fraction it would not come back as it was.
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "integers end at \(Int.max)")
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
