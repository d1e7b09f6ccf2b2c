/// The parameters of a bench with their present values, in a fixed order; ``ParameterCatalogue`` says which there are.
public struct TwinParameters: Sendable, Codable, Equatable {
  /// All of them, in the order of the catalogue.
  public private(set) var all: [TwinParameter]

  /// Every parameter that a bench can have, at its nominal value. The alignment is free, everything else is neutral and
  /// fixed.
  public init(nominalFor description: TwinDescription) {
    all = ParameterCatalogue(description).parameters
  }

  /// Those of a bench with an ideal modulator and detector.
  public init(nominalFor geometry: GeometryDescription) {
    all = ParameterCatalogue(geometry).parameters
  }

  private enum CodingKeys: String, CodingKey { case all }

  /// Those of earlier versions lack what was added since, which is neutral there.
  public init(from decoder: any Decoder) throws {
    all = try decoder.container(keyedBy: CodingKeys.self).decode([TwinParameter].self, forKey: .all)
    for (name, added) in ParameterCatalogue.additions where parameter(named: added[0].name) == nil {
      if let last = all.firstIndex(where: { $0.name == name }) { all.insert(contentsOf: added, at: last + 1) }
    }
  }

  /// Their names, in the same order.
  public var names: [String] { all.map(\.name) }

  /// What calibrations and fits move by default.
  public var free: [TwinParameter] { all.filter(\.isFree) }

  /// What the twin computes; see ``TwinParameter/isActive``.
  public var active: [TwinParameter] { all.filter(\.isActive) }

  /// The value of a parameter that this bench has, in its SI unit; another name is a mistake of the program. Names that come
  /// from outside go through ``parameter(named:)``, ``update(_:)`` and ``freeing(_:)``.
  public subscript(name: String) -> Double {
    get { all[index(of: name)].value }
    set { all[index(of: name)].value = newValue }
  }

  /// The place of a parameter that this bench has.
  func index(of name: String) -> Int {
    guard let index = all.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("this bench has no parameter \(name); it has \(names.joined(separator: ", "))")
    }
    return index
  }

  /// The parameter of that name; nil when this bench has none.
  public func parameter(named name: String) -> TwinParameter? { all.first { $0.name == name } }

  /// Replaces the entry of the same name.
  public mutating func update(_ parameter: TwinParameter) throws(TwinError) {
    guard let index = all.firstIndex(where: { $0.name == parameter.name }) else {
      throw .unknownParameter(parameter.name, known: names)
    }
    all[index] = parameter
  }

  /// The same values with exactly these parameters free.
  ///
  /// - Throws: ``TwinError/unknownParameter(_:known:)``.
  public func freeing(_ names: [String]) throws(TwinError) -> TwinParameters {
    if let unknown = names.first(where: { name in !all.contains { $0.name == name } }) {
      throw .unknownParameter(unknown, known: self.names)
    }
    var result = self
    for index in all.indices { result.all[index].isFree = names.contains(all[index].name) }
    return result
  }

  /// The values moved into their bounds.
  public func clamped() -> TwinParameters {
    var result = self
    for index in all.indices {
      result.all[index].value = min(max(all[index].value, all[index].minimum), all[index].maximum)
    }
    return result
  }

  /// - Throws: ``TwinError/parameter(name:value:expected:)`` for a value that no bench has, and
  ///   ``TwinError/unknownParameter(_:known:)`` when these are the parameters of another kind of bench.
  func validate(for description: TwinDescription) throws(TwinError) {
    let catalogue = ParameterCatalogue(description)
    let known = catalogue.parameters.map(\.name)
    if names != known {
      if let stranger = names.first(where: { !known.contains($0) }) { throw .unknownParameter(stranger, known: known) }
      throw .description("parameters are missing; these are the parameters of another kind of bench")
    }
    for parameter in all where !parameter.value.isFinite {
      throw .parameter(name: parameter.name, value: parameter.value, expected: "a finite number")
    }
    for parameter in all {
      if let range = catalogue.possible[parameter.name], !range.contains(parameter.value) {
        throw .parameter(
          name: parameter.name, value: parameter.value, expected: "\(range.lowerBound) to \(range.upperBound)")
      }
    }
  }
}
