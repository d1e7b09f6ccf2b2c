import Twin

/// Values of some of the twin's parameters, in their SI units.
public struct ParameterValues: Sendable, Codable, Equatable {
  public var values: [String: Double]

  public init(_ values: [String: Double] = [:]) { self.values = values }

  /// The values of these names.
  public init(_ names: [String], of parameters: TwinParameters) {
    values = Dictionary(names.map { ($0, parameters[$0]) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: `TwinError.unknownParameter` for a name that this bench does not have.
  func applied(to parameters: TwinParameters) throws -> TwinParameters {
    var parameters = parameters
    for (name, value) in values {
      guard var parameter = parameters.parameter(named: name) else {
        throw TwinError.unknownParameter(name, known: parameters.names)
      }
      parameter.value = value
      try parameters.update(parameter)
    }
    return parameters
  }
}
