import Optics

/// The input written on a layer again, as the phase scale·value.
struct RepeatedInput: Sendable {
  let scale: Dependent

  /// Nil when the input enters once.
  init?(_ description: TwinDescription, _ parameters: TwinParameters) {
    guard description.input.repeatsInput else { return nil }
    scale = parameters.dependent("repeatScale")
  }

  var hasDerivatives: Bool { !scale.slopes.isEmpty }

  /// e^(i·scale·value) in the engine's order, for an image already spread over the plane in `workspace.plane`, which
  /// is used up.
  func prepare<Scalar: OpticsScalar>(_ engine: any PropagationEngine<Scalar>, _ workspace: Workspace<Scalar>) {
    let plane = workspace.plane.pointer
    for sample in 0..<engine.plane.count { plane[sample] *= Scalar(scale.value) }
    Scalar.phasor(of: plane, into: workspace.field.pointer, count: engine.plane.count)
    engine.pack(complex: workspace.field.pointer, into: workspace.repeated.pointer)
  }
}
