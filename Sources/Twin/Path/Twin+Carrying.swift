import Arrays
import Optics

/// The way of a change of the light on the input, and of changes of the layers' phases: as long as nothing else of the twin changes it is
/// linear, and needs no more than the layers' transmissions and the light before them. Fields are complex, in the engine's order.
extension Twin {
  /// Carries a change of the light from the input to the detector plane, in place.
  ///
  /// The workspace is prepared for the image when layers repeat it.
  ///
  /// - Parameter changes: for a layer the change of the logarithm of its transmission, and the light before it; nil where it stays.
  func carry(
    _ field: UnsafeMutablePointer<Scalar>, through transmissions: UnsafePointer<Scalar>, _ workspace: Workspace<Scalar>,
    _ changes: (_ layer: Int) -> (turn: UnsafePointer<Scalar>, light: UnsafePointer<Scalar>)? = { _ in nil }
  ) {
    let (engine, state) = (engine, workspace.state)
    var isOnItsWay = false
    if let entry = hops.entry {
      engine.enter(field: field, state)
      engine.hop(hops.functions[entry], conjugate: false, state)
      isOnItsWay = true
    }
    for layer in modulators.indices {
      let transmission = transmission(transmissions, layer, workspace)
      let change = changes(layer)
      if isOnItsWay, change == nil {
        engine.cross(transmission, saving: nil, state)
      } else {
        if isOnItsWay { engine.leave(field: field, state) }
        if let change { add(change.turn, times: change.light, to: field, workspace) }
        engine.multiply(field, by: transmission, into: field)
        engine.enter(field: field, state)
      }
      engine.hop(hops.functions[hops.behindLayer[layer]], conjugate: false, state)
      isOnItsWay = true
    }
    engine.leave(field: field, state)
  }

  private func add(
    _ turn: UnsafePointer<Scalar>, times light: UnsafePointer<Scalar>, to field: UnsafeMutablePointer<Scalar>,
    _ workspace: Workspace<Scalar>
  ) {
    let product = workspace.source.pointer
    engine.multiply(turn, by: light, into: product)
    for index in 0..<2 * engine.planeCount { field[index] += product[index] }
  }

  /// The adjoint of ``carry(_:through:_:_:)`` behind that of a change of the intensity: h = conj(U)·A with U the light on the input and A
  /// its adjoint field, so that a loss changes by Re Σ conj(h)·d(log U).
  ///
  /// - Parameters:
  ///   - weights: the derivative of the loss by the intensity on the detector plane, row-major.
  ///   - field: the light there.
  ///   - light: that on the input.
  ///   - before: that before every layer; nil when nothing of the layers is wanted.
  ///   - gradient: h is added to it.
  ///   - slope: a real plane to work in.
  ///   - turned: gets the derivative of the loss by the phase of every layer but one that the input is imaged on, whose own is the
  ///     imaginary part of h.
  func carryBack(
    _ weights: UnsafePointer<Scalar>, field: UnsafePointer<Scalar>, light: UnsafePointer<Scalar>,
    before: UnsafePointer<Scalar>?, through transmissions: UnsafePointer<Scalar>,
    addingTo gradient: UnsafeMutablePointer<Scalar>, slope: AlignedBuffer<Scalar>, _ workspace: Workspace<Scalar>,
    turned: (_ layer: Int) -> Void
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
        if before != nil { slope.clear() }
        let met = before.map { $0 + 2 * layer * engine.planeCount } ?? transmission
        engine.crossBack(transmission, before: met, phaseGradient: slope.pointer, continues: true, state)
        if before != nil { turned(layer) }
      }
    }
    guard let entry = hops.entry else { return }
    engine.hop(hops.functions[entry], conjugate: true, state)
    engine.crossBack(light, before: light, gradient: gradient, continues: false, state)
  }
}
