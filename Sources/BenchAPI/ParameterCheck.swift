import Catalogues

/// What is wrong with the parameters of a request.
public struct ParameterMistake: Error, Sendable, Equatable, CustomStringConvertible {
  public let cause: Cause
  public let description: String

  fileprivate init(_ cause: Cause, _ description: String) { (self.cause, self.description) = (cause, description) }
}

extension Declaration {
  /// Compares a JSON object with what is declared: no other members, none missing, and every value in its range.
  ///
  /// - Throws: the first mistake, in the order of the declaration.
  public func check(_ given: JSONValue) throws(ParameterMistake) { try parameters.check(given, "") }
}

extension [Parameter] {
  fileprivate func check(_ given: JSONValue, _ prefix: String) throws(ParameterMistake) {
    guard case .object(let members) = given else {
      throw ParameterMistake(.parameterInvalid, "\(prefix)this is not a JSON object")
    }
    let known = map(\.name)
    if let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
      let list = known.isEmpty ? "there are none" : "there are \(known.joined(separator: ", "))"
      throw ParameterMistake(.parameterUnknown, "\(prefix)\(unknown.prefix(100)): unknown; \(list)")
    }
    for parameter in self {
      switch members[parameter.name] {
      case nil, .null?:
        guard !parameter.isRequired else {
          throw ParameterMistake(.parameterInvalid, "\(prefix)\(parameter.name): it is missing")
        }
      case let value?: try parameter.kind.check(value, prefix + parameter.name)
      }
    }
  }
}

extension Parameter.Kind {
  fileprivate func check(_ value: JSONValue, _ name: String) throws(ParameterMistake) {
    switch (self, value) {
    case (.flag, .bool), (.text, .string): return
    case (.integer(let range), .integer(let number)):
      guard !range.contains(number) else { return }
      throw ParameterMistake(.parameterInvalid, "\(name): \(number) is not in \(range.lowerBound)…\(range.upperBound)")
    case (.number(let range), .integer), (.number(let range), .number):
      guard let number = value.double, !range.contains(number) else { return }
      throw ParameterMistake(
        .parameterInvalid, "\(name): \(number.short) is not in \(range.lowerBound.short)…\(range.upperBound.short)")
    case (.choice(let words), .string(let word)):
      guard !words.contains(word) else { return }
      throw ParameterMistake(.parameterUnknownName, "\(name): \(UnknownName(word, noun: name.singular, known: words))")
    case (.list(let kind), .array(let values)):
      for (index, value) in values.enumerated() { try kind.check(value, "\(name)[\(index)]") }
    case (.object(let parameters), .object): try parameters.check(value, name + ".")
    default: throw ParameterMistake(.parameterInvalid, "\(name): \(noun) is expected")
    }
  }

  private var noun: String {
    switch self {
    case .flag: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .text: "a text"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .list: "a list"
    case .object: "an object"
    }
  }
}

extension String {
  /// What one of the things is that a parameter holds: "sampler" of `sampler`, "routine" of `routines[0]`.
  fileprivate var singular: String {
    let name = split(separator: ".").last ?? self[...]
    guard let bracket = name.firstIndex(of: "[") else { return String(name) }
    let plural = name[..<bracket]
    return String(plural.hasSuffix("s") ? plural.dropLast() : plural)
  }
}

extension Double {
  /// Without the fraction of a whole number.
  fileprivate var short: String { self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)" }
}
