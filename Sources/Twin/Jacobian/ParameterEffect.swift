import Optics

/// Where one parameter changes the light on its way.
struct ParameterEffect<Scalar: OpticsScalar>: Sendable {
  /// Its place among the twin's parameters.
  let index: Int
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

/// The effects of parameters; functions of frequency that several hops share are made once.
struct ParameterEffects<Scalar: OpticsScalar> {
  private let twin: Twin<Scalar>
  private var made: [(hop: Hop, parameter: Int, function: TransferFunction<Scalar>)] = []

  init(_ twin: Twin<Scalar>) { self.twin = twin }

  mutating func effect(of index: Int) -> ParameterEffect<Scalar> {
    let (path, hops, parameters) = (twin.path, twin.hops, twin.parameters)
    return ParameterEffect(
      index: index, entry: path.entry.flatMap { derivative(of: $0, hops.entry, by: index) },
      behindLayer: zip(path.hops, hops.behindLayer).map { derivative(of: $0, $1, by: index) },
      layers: twin.modulators.map { $0.depends(on: index) }, ofIllumination: twin.illumination.depends(on: index),
      ofRepeatedInput: twin.repeatedInput?.scale.slopes[index],
      detector: DetectorVariables.Index.allCases.compactMap { variable in
        parameters.dependent(variable.parameterName).slopes[index].map { (variable, $0) }
      })
  }

  /// Nil when the hop does not depend on the parameter.
  private mutating func derivative(
    of hop: Hop, _ function: Int?, by parameter: Int
  ) -> TransferFunction<Scalar>? {
    if let known = made.first(where: { $0.hop == hop && $0.parameter == parameter }) { return known.function }
    guard let function, let weights = twin.hopWeights.derivative(of: hop, by: parameter) else { return nil }
    let derivative = twin.engine.derivative(of: twin.hops.functions[function], phase: weights)
    made.append((hop, parameter, derivative))
    return derivative
  }
}
