/// The body of `POST /v1/jobs`: a kind of job and what it needs to know.
public struct JobRequest: Codable, Sendable, Equatable {
  /// The name under which the job's routine is registered, such as `measure`.
  public var kind: String
  /// The routine's parameters; an empty object when left out.
  public var parameters: JSONValue

  public init(kind: String, parameters: JSONValue = .object([:])) {
    self.kind = kind
    self.parameters = parameters
  }

  /// A request with the parameters of a Swift value.
  public init(kind: String, encoding parameters: some Encodable) throws {
    self.init(kind: kind, parameters: try JSONValue(encoding: parameters))
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(String.self, forKey: .kind)
    // Null is not the same as nothing, and no object.
    let isGiven = container.contains(.parameters)
    parameters = isGiven ? try container.decode(JSONValue.self, forKey: .parameters) : .object([:])
  }
}
