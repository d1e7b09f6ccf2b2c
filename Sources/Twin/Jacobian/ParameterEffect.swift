import Optics

/// Where a direction, such as one parameter, changes the light on its way.
struct ParameterEffect<Scalar: OpticsScalar>: Sendable {
  let direction: Direction
  /// The derivative of the transfer function of the hop to the first layer.
  let entry: TransferFunction<Scalar>?
  /// That of the hop behind each layer; nil where it does not depend on the parameter.
  let behindLayer: [TransferFunction<Scalar>?]
  /// Whether the transmission of each layer depends on it.
  let layers: [Bool]
  let ofIllumination: Bool
  /// The derivative of the repeated input's scale.
  let ofRepeatedInput: Double?
  /// The variables of the detector that depend on it, with their derivatives.
  let detector: [(variable: DetectorVariables.Index, slope: Double)]

  /// Whether anything changes before the detector.
  var travels: Bool {
    entry != nil || ofIllumination || ofRepeatedInput != nil || layers.contains(true)
      || behindLayer.contains { $0 != nil }
  }
}

extension ParameterEffect {
  /// Functions of frequency that several hops share are made once.
  init(_ twin: Twin<Scalar>, along direction: Direction) {
    var made: [(hop: Hop, function: TransferFunction<Scalar>)] = []
    func derivative(of hop: Hop, _ function: Int?) -> TransferFunction<Scalar>? {
      if let known = made.first(where: { $0.hop == hop }) { return known.function }
      guard let function, let weights = twin.hopWeights.derivative(of: hop, along: direction) else { return nil }
      let derivative = twin.engine.derivative(of: twin.hops.functions[function], phase: weights)
      made.append((hop, derivative))
      return derivative
    }
    let (path, hops, parameters) = (twin.path, twin.hops, twin.parameters)
    self.init(
      direction: direction, entry: path.entry.flatMap { derivative(of: $0, hops.entry) },
      behindLayer: zip(path.hops, hops.behindLayer).map { derivative(of: $0, $1) },
      layers: twin.modulators.map { $0.depends(on: direction) },
      ofIllumination: twin.illumination.depends(on: direction),
      ofRepeatedInput: twin.repeatedInput?.scale.slope(along: direction),
      detector: DetectorVariables.Index.allCases.compactMap { variable in
        parameters.dependent(variable.parameterName).slope(along: direction).map { (variable, $0) }
      })
  }
}
