import Arrays
import Optics

/// The way of a change of the light on the input: as long as nothing else of the twin changes it is linear, and needs no more than the
/// layers' transmissions. Fields are complex, in the engine's order.
extension Twin {
  /// Carries a field from the input to the detector plane, in place.
  ///
  /// The workspace is prepared for the image when layers repeat it.
  func carry(
    _ field: UnsafeMutablePointer<Scalar>, through transmissions: UnsafePointer<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    let (engine, state) = (engine, workspace.state)
    if let entry = hops.entry {
      engine.enter(field: field, state)
      engine.hop(hops.functions[entry], conjugate: false, state)
    }
    for layer in modulators.indices {
      let transmission = transmission(transmissions, layer, workspace)
      if layer == 0, hops.entry == nil {
        engine.multiply(field, by: transmission, into: field)
        engine.enter(field: field, state)
      } else {
        engine.cross(transmission, saving: nil, state)
      }
      engine.hop(hops.functions[hops.behindLayer[layer]], conjugate: false, state)
    }
    engine.leave(field: field, state)
  }

  /// The adjoint of ``carry(_:through:_:)`` behind that of a change of the intensity: h = conj(U)·A with U the light on the input and A its
  /// adjoint field, so that a loss changes by Re Σ conj(h)·d(log U).
  ///
  /// - Parameters:
  ///   - weights: the derivative of the loss by the intensity on the detector plane, row-major.
  ///   - field: the light there.
  ///   - light: that on the input.
  ///   - gradient: h is added to it.
  ///   - idle: a real plane that nobody reads.
  func carryBack(
    _ weights: UnsafePointer<Scalar>, field: UnsafePointer<Scalar>, light: UnsafePointer<Scalar>,
    through transmissions: UnsafePointer<Scalar>, addingTo gradient: UnsafeMutablePointer<Scalar>,
    idle: UnsafeMutablePointer<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    let (engine, state) = (engine, workspace.state)
    engine.enterAdjoint(field: field, weights: weights, state)
    for layer in modulators.indices.reversed() {
      engine.hop(hops.functions[hops.behindLayer[layer]], conjugate: true, state)
      let transmission = transmission(transmissions, layer, workspace)
      if layer == 0, hops.entry == nil {
        let behind = workspace.source.pointer
        engine.multiply(light, by: transmission, into: behind)
        engine.crossBack(transmission, before: behind, gradient: gradient, continues: false, state)
      } else {
        engine.crossBack(transmission, before: transmission, phaseGradient: idle, continues: true, state)
      }
    }
    guard let entry = hops.entry else { return }
    engine.hop(hops.functions[entry], conjugate: true, state)
    engine.crossBack(light, before: light, gradient: gradient, continues: false, state)
  }
}
