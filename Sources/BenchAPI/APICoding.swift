import Foundation

/// How every request, response and event is written as JSON: keys sorted, dates in ISO 8601, and the numbers that JSON
/// lacks as the strings "nan", "inf" and "-inf".
public enum APICoding {
  /// The JSON text of a value.
  public static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value)
  }

  /// The value that a JSON text describes.
  public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: data)
  }
}

extension DecodingError {
  /// Where and why decoding failed, in one line.
  public var explanation: String {
    let (context, missing): (Context, (any CodingKey)?) =
      switch self {
      case .keyNotFound(let key, let context): (context, key)
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context, nil)
      @unknown default: (Context(codingPath: [], debugDescription: "\(self)"), nil)
      }
    let path = (context.codingPath + (missing.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
    let reason = missing == nil ? context.debugDescription : "required, but absent"
    return path.isEmpty ? reason : "\(path): \(reason)"
  }
}
