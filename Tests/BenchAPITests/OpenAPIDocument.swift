import BenchAPI
import Testing
import Yams

/// The schemas of the OpenAPI document.
struct OpenAPIDocument {
  private let schemas: JSONValue

  init(_ text: String) throws {
    let whole = JSONValue(try #require(try Yams.load(yaml: text)))
    schemas = try #require(whole["components"]?["schemas"])
  }

  /// A schema with references replaced by what they refer to.
  func schema(_ name: String) throws -> JSONValue {
    resolved(try #require(schemas[name], "openapi.yaml has no schema \(name)"))
  }

  private func resolved(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      if case .string(let place)? = members["$ref"], let name = place.split(separator: "/").last {
        return resolved(schemas[String(name)] ?? .null)
      }
      return .object(members.mapValues(resolved))
    case .array(let values): return .array(values.map(resolved))
    default: return value
    }
  }
}

extension JSONValue {
  /// What was read of YAML.
  fileprivate init(_ value: Any) {
    switch value {
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .integer(value)
    case let value as Double: self = .number(value)
    case let value as String: self = .string(value)
    case let values as [Any]: self = .array(values.map(JSONValue.init))
    case let members as [AnyHashable: Any]:
      self = .object(Dictionary(uniqueKeysWithValues: members.map { ("\($0.key)", JSONValue($0.value)) }))
    default: self = .null
    }
  }

  /// What a schema lets its values be: without words for people, without patterns, and without the null that stands for what
  /// was left out.
  var rules: JSONValue {
    guard case .object(let members) = self else { return self }
    var rules = members.filter { Self.keywords.contains($0.key) }
    if case .array(let types)? = rules["type"] {
      let rest = types.filter { $0 != .string("null") }
      rules["type"] = rest.count == 1 ? rest[0] : .array(rest)
    }
    if case .array(let words)? = rules["enum"] { rules["enum"] = .array(words.filter { $0 != .null }) }
    if rules["minimum"] == .integer(.min) { rules["minimum"] = nil }
    if rules["maximum"] == .integer(.max) { rules["maximum"] = nil }
    if case .array(let names)? = rules["required"] { rules["required"] = names.isEmpty ? nil : .array(names.sorted()) }
    if case .object(let properties)? = rules["properties"] {
      rules["properties"] = .object(properties.mapValues(\.rules))
    }
    rules["items"] = rules["items"]?.rules
    return .object(rules)
  }

  private static let keywords: Set = [
    "type", "enum", "minimum", "maximum", "default", "items", "properties", "required", "additionalProperties",
  ]
}

extension [JSONValue] {
  fileprivate func sorted() -> [JSONValue] { sorted { "\($0)" < "\($1)" } }
}
