/// A thing that can be asked for by its name: a sampler, a trainer, a routine, a kind of job, a driver.
///
/// Messages, references and the tables of guides are made from declarations, so that a new member needs no second list.
public struct Declaration: Sendable, Equatable, Codable {
  /// The name that files, requests and commands use.
  public var name: String
  /// What it is, in one line without a full stop.
  public var summary: String
  /// What it can be given, in the order in which people read it.
  public var parameters: [Parameter]

  public init(_ name: String, _ summary: String, parameters: [Parameter] = []) {
    (self.name, self.summary, self.parameters) = (name, summary, parameters)
  }
}

/// One thing that a declared member can be given.
public struct Parameter: Sendable, Equatable, Codable {
  /// The values that a parameter takes.
  public indirect enum Kind: Sendable, Equatable, Codable {
    case flag
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case text
    /// One of these words.
    case choice([String])
    case list(of: Kind)
    case object([Parameter])
  }

  /// A value of one of these kinds.
  public enum Value: Sendable, Equatable, Codable {
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Value])
  }

  /// The range of a number that may be any.
  public static let anyNumber = -Double.infinity...Double.infinity

  public var name: String
  /// What it means, in one line without a full stop.
  public var summary: String
  public var kind: Kind
  /// The SI unit, nil for a number without one.
  public var unit: String?
  /// What holds when it is left out; nil when there is no one value, which `summary` then explains.
  public var standard: Value?
  /// Whether it has to be given.
  public var isRequired: Bool
  /// Values to offer in menus beside others that are possible, such as the names of a catalogue where a file can be named, too.
  public var examples: [String]

  public init(
    _ name: String, _ kind: Kind, _ summary: String, unit: String? = nil, standard: Value? = nil,
    isRequired: Bool = false, examples: [String] = []
  ) {
    (self.name, self.kind, self.summary) = (name, kind, summary)
    (self.unit, self.standard, self.isRequired, self.examples) = (unit, standard, isRequired, examples)
  }
}
