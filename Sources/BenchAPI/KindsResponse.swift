import Catalogues

/// The body of `GET /v1/kinds`: everything that can be asked for by name, grouped by what it is.
public struct KindsResponse: Codable, Sendable, Equatable {
  /// One thing that can be asked for.
  public struct Kind: Codable, Sendable, Equatable {
    public var name: String
    /// What it is, in one line.
    public var summary: String
    /// What it can be given: a JSON Schema of an object.
    public var parameters: JSONValue
    /// The names of the parameters in the order in which people should read them, which a JSON object does not keep.
    public var order: [String]

    public init(_ declaration: Declaration) throws {
      (name, summary, parameters) = (declaration.name, declaration.summary, try declaration.schema())
      order = declaration.parameters.map(\.name)
    }
  }

  /// By the plural of what they are, such as `samplers`; each in the order in which people should read them.
  public var groups: [String: [Kind]]

  public init(_ groups: [String: [Declaration]]) throws { self.groups = try groups.mapValues { try $0.map(Kind.init) } }

  public init(from decoder: any Decoder) throws {
    groups = try decoder.singleValueContainer().decode([String: [Kind]].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(groups)
  }
}
