import Optics

/// One scalar of the twin that describes the bench and can be calibrated.
public struct TwinParameter: Sendable, Codable, Equatable {
  public let name: String
  public var value: Double
  /// SI unit of the value.
  public let unit: String
  /// The natural step of fits and optimisers: a change that the detector sees clearly, in `unit`.
  public var scale: Double
  /// Standard deviation of what is known before calibration, in `unit`.
  public var prior: Double
  public var minimum: Double
  public var maximum: Double

  public init(
    name: String, value: Double, unit: String, scale: Double, prior: Double, minimum: Double, maximum: Double
  ) {
    self.name = name
    self.value = value
    self.unit = unit
    self.scale = scale
    self.prior = prior
    self.minimum = minimum
    self.maximum = maximum
  }

  /// A beam or mirror angle in radians (twice the physical tilt).
  static func angle(_ name: String) -> TwinParameter {
    TwinParameter(name: name, value: 0, unit: "rad", scale: 1e-4, prior: 3e-3, minimum: -6e-3, maximum: 6e-3)
  }

  /// A distance in metres that is known to about a millimetre, or to a tenth of itself when it is short.
  static func distance(_ name: String, nominal: Double) -> TwinParameter {
    let prior = min(1e-3, abs(nominal) / 10)
    return TwinParameter(
      name: name, value: nominal, unit: "m", scale: 1e-4, prior: prior, minimum: nominal - 3 * prior,
      maximum: nominal + 3 * prior)
  }
}

/// The alignment parameters of a bench with their present values, in a fixed order.
public struct TwinParameters: Sendable, Codable, Equatable {
  public private(set) var all: [TwinParameter]

  /// The parameters that a geometry has, at their nominal values: `mirrorGap`, `mirrorTiltX`, `mirrorTiltY`, `beamTiltX`
  /// and `beamTiltY` of a cavity (the paper's five); `spacing`, `beamTiltX` and `beamTiltY` of planes.
  public init(nominalFor geometry: GeometryDescription) {
    let beam = [TwinParameter.angle("beamTiltX"), .angle("beamTiltY")]
    switch geometry.kind {
    case .planes:
      all = [.distance("spacing", nominal: geometry.distance)] + beam
    case .cavity:
      all =
        [.distance("mirrorGap", nominal: geometry.distance), .angle("mirrorTiltX"), .angle("mirrorTiltY")] + beam
    }
  }

  public var names: [String] { all.map(\.name) }

  /// The value of a parameter, in its SI unit; zero for a name that does not exist.
  public subscript(name: String) -> Double {
    get { all.first { $0.name == name }?.value ?? 0 }
    set {
      guard let index = all.firstIndex(where: { $0.name == name }) else { return }
      all[index].value = newValue
    }
  }

  public func parameter(named name: String) -> TwinParameter? { all.first { $0.name == name } }

  /// Replaces the entry of the same name.
  public mutating func update(_ parameter: TwinParameter) throws(TwinError) {
    guard let index = all.firstIndex(where: { $0.name == parameter.name }) else {
      throw .unknownParameter(parameter.name, known: names)
    }
    all[index] = parameter
  }

  /// The values moved into their bounds.
  public func clamped() -> TwinParameters {
    var result = self
    for index in all.indices {
      result.all[index].value = min(max(all[index].value, all[index].minimum), all[index].maximum)
    }
    return result
  }
}
