/// What a member of a catalogue was given: a value for each of its parameters that has one.
///
/// Reads are by names that the member declares, so that a name that does not exist is a mistake of its author.
public struct Options: Sendable, Equatable, Codable {
  public let values: [String: Parameter.Value]

  /// What a member uses that was given nothing.
  public init(of declaration: Declaration) {
    values = declaration.parameters.reduce(into: [:]) { $0[$1.name] = $1.standard }
  }

  /// The given values, and the standard ones of the other parameters.
  public init(_ given: [String: Parameter.Value], of declaration: Declaration) throws(UnfitOption) {
    let known = declaration.parameters.map(\.name)
    if let name = given.keys.sorted().first(where: { !known.contains($0) }) {
      let reason = known.isEmpty ? "there are none" : "\(UnknownName(name, noun: "option", known: known))"
      throw UnfitOption(of: declaration.name, option: name, reason: reason)
    }
    var values = Options(of: declaration).values
    for parameter in declaration.parameters {
      if let value = given[parameter.name] {
        guard let fitting = parameter.kind.fitting(value) else {
          throw UnfitOption(
            of: declaration.name, option: parameter.name, reason: "expected \(parameter.kind.expected)")
        }
        values[parameter.name] = fitting
      } else if parameter.isRequired {
        throw UnfitOption(of: declaration.name, option: parameter.name, reason: "has to be given")
      }
    }
    self.values = values
  }

  /// The number of a declared parameter that has one.
  public func number(_ name: String) -> Double {
    switch values[name] {
    case .number(let number)?: return number
    case .integer(let number)?: return Double(number)
    default: preconditionFailure("no number \"\(name)\" was declared")
    }
  }

  /// The whole number of a declared parameter that has one.
  public func integer(_ name: String) -> Int {
    guard case .integer(let number)? = values[name] else { preconditionFailure("no integer \"\(name)\" was declared") }
    return number
  }

  /// The word of a declared parameter that has one.
  public func text(_ name: String) -> String {
    guard case .text(let text)? = values[name] else { preconditionFailure("no word \"\(name)\" was declared") }
    return text
  }
}

/// A value that a member of a catalogue does not take.
public struct UnfitOption: Error, Sendable, Equatable, CustomStringConvertible {
  /// The member.
  public let member: String
  public let option: String
  public let reason: String

  init(of member: String, option: String, reason: String) {
    (self.member, self.option, self.reason) = (member, option, reason)
  }

  public var description: String { "\(option) of \(member): \(reason)" }
}

extension Parameter.Kind {
  /// The value when it is one of this kind; a whole number is a number, too.
  func fitting(_ value: Parameter.Value) -> Parameter.Value? {
    switch (self, value) {
    case (.flag, .flag), (.text, .text): return value
    case (.integer(let range), .integer(let number)): return range.contains(number) ? value : nil
    case (.number(let range), .number(let number)): return range.contains(number) ? value : nil
    case (.number(let range), .integer(let number)):
      return range.contains(Double(number)) ? .number(Double(number)) : nil
    case (.choice(let words), .text(let word)): return words.contains(word) ? value : nil
    case (.list(let kind), .list(let elements)):
      let fitting = elements.compactMap(kind.fitting)
      return fitting.count == elements.count ? .list(fitting) : nil
    default: return nil
    }
  }

  /// What is expected, for messages.
  var expected: String {
    switch self {
    case .flag: "true or false"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .text: "a text"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .list(let kind): "a list, each \(kind.expected)"
    case .object: "a set of named values"
    }
  }
}
