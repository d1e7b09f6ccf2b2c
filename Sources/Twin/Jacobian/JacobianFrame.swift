import Arrays
import Optics

/// One frame whose derivatives are computed: the light at every plane, and changes that travel from plane to plane.
struct JacobianFrame<Scalar: OpticsScalar> {
  let twin: Twin<Scalar>
  let tape: Tape<Scalar>
  let image: UnsafePointer<Scalar>
  let work: JacobianWorkspace<Scalar>
  let workspace: Workspace<Scalar>
  let scratch: LayerScratch<Scalar>

  private var engine: any PropagationEngine<Scalar> { twin.engine }
  private var detector: Detector<Scalar> { tape.detector.detector }
  private var layerCount: Int { twin.modulators.count }
  /// Scalars of a complex plane in the engine's order.
  private var packed: Int { 2 * engine.planeCount }

  private func before(_ layer: Int) -> UnsafePointer<Scalar> {
    UnsafePointer(tape.layerFields.pointer + layer * packed)
  }

  private func phases(_ layer: Int) -> UnsafePointer<Scalar> {
    let grid = twin.description.geometry.grid
    return UnsafePointer(tape.phases.pointer + layer * grid * grid)
  }

  /// Works on a frame that was recorded, with memory for its light and for its detector.
  ///
  /// - Returns: nil for a frame without an image.
  static func with<Result>(
    _ tape: Tape<Scalar>, of twin: Twin<Scalar>, _ work: JacobianWorkspace<Scalar>,
    _ body: (_ frame: JacobianFrame, _ seen: DetectorWorkspace<Scalar>) -> Result
  ) -> Result? {
    tape.inputs.values.withUnsafeBufferPointer { images in
      images.baseAddress.map { image in
        twin.shared.workspaces.borrow { workspace in
          twin.shared.layerScratch.borrow { scratch in
            tape.detector.workspaces.borrow { seen in
              body(
                JacobianFrame(
                  twin: twin, tape: tape, image: image, work: work, workspace: workspace, scratch: scratch),
                seen)
            }
          }
        }
      }
    }
  }

  // MARK: - The light

  /// What all changes of the frame need, in the workspace at hand.
  func begin() { twin.prepareRepeated(image, workspace) }

  /// What they need besides, once for a frame.
  ///
  /// - Parameter ofRegistration: whether derivatives by where the detector lies are wanted.
  func prepare(_ seen: DetectorWorkspace<Scalar>, ofRegistration: Bool) {
    begin()
    work.reserve(samples: detector.count)
    for layer in 0..<layerCount {
      twin.modulators[layer].show(phases(layer), into: work.layers[layer], scratch)
      engine.multiply(
        before(layer), by: twin.transmission(tape.transmissions.pointer, layer, workspace),
        into: work.behind[layer].pointer)
    }
    if twin.hops.entry != nil { twin.encode(image, into: work.entering.pointer, workspace) }
    engine.unpack(complex: tape.detectorFields.pointer, into: work.detectorField.pointer)
    detector.tangents(
      tape.planeIntensities.pointer, follows: work.follows.pointer, ofRegistration: ofRegistration,
      into: work.detectorColumns.pointer, seen)
  }

  // MARK: - Changes

  /// The change of every sample of the detector.
  func samples(_ effect: ParameterEffect<Scalar>, _ seen: DetectorWorkspace<Scalar>) -> [Scalar] {
    let count = detector.count
    return [Scalar](unsafeUninitializedCapacity: count) { samples, initialised in
      initialised = count
      guard let base = samples.baseAddress else { return }
      if let change = intensityChange(effect) {
        detector.tangent(change, follows: work.follows.pointer, into: base, seen)
      } else {
        base.update(repeating: 0, count: count)
      }
      for (variable, slope) in effect.detector {
        let own = work.detectorColumns.pointer + variable.rawValue * count
        for sample in 0..<count { base[sample] += Scalar(slope * own[sample]) }
      }
    }
  }

  /// The change of the intensity on the output plane, row-major in `workspace.plane`; nil when there is none.
  func intensityChange(_ effect: ParameterEffect<Scalar>) -> UnsafePointer<Scalar>? {
    guard effect.travels else { return nil }
    var isThere = enter(effect)
    for layer in 0..<layerCount {
      isThere = cross(layer, effect, isThere: isThere)
      isThere = hop(
        twin.hops.functions[twin.hops.behindLayer[layer]], derivative: effect.behindLayer[layer],
        light: work.behind[layer].pointer, isThere: isThere)
    }
    guard isThere else { return nil }
    engine.unpack(complex: work.change.pointer, into: workspace.field.pointer)
    let (field, change, result) = (work.detectorField.pointer, workspace.field.pointer, workspace.plane.pointer)
    for sample in 0..<engine.plane.count {
      let (real, imaginary) = (2 * sample, 2 * sample + 1)
      result[sample] = 2 * (field[real] * change[real] + field[imaginary] * change[imaginary])
    }
    return UnsafePointer(result)
  }

  /// The change of the light before the first layer.
  ///
  /// - Returns: whether there is one, in `work.change`.
  private func enter(_ effect: ParameterEffect<Scalar>) -> Bool {
    let light = twin.hops.entry == nil ? before(0) : UnsafePointer(work.entering.pointer)
    if effect.ofIllumination {
      twin.illumination.logarithmicTangent(along: effect.direction, into: workspace.field.pointer)
      engine.pack(complex: workspace.field.pointer, into: work.change.pointer)
      engine.multiply(work.change.pointer, by: light, into: work.change.pointer)
    }
    guard let entry = twin.hops.entry else { return effect.ofIllumination }
    return hop(twin.hops.functions[entry], derivative: effect.entry, light: light, isThere: effect.ofIllumination)
  }

  /// From before a layer to behind it: t·δU + δt·U.
  private func cross(_ layer: Int, _ effect: ParameterEffect<Scalar>, isThere: Bool) -> Bool {
    let change = work.change.pointer
    if isThere {
      engine.multiply(
        change, by: twin.transmission(tape.transmissions.pointer, layer, workspace), into: change)
    }
    var isChanged = isThere
    if effect.layers[layer] { isChanged = include(isThere: isChanged) { layerChange(layer, effect, into: $0) } }
    if layer > 0, let slope = effect.ofRepeatedInput {
      isChanged = include(isThere: isChanged) { repeatedChange(layer, slope: slope, into: $0) }
    }
    return isChanged
  }

  /// Begins the change with what `part` writes, or adds that to the change that is there.
  ///
  /// - Returns: that there is a change now.
  private func include(isThere: Bool, _ part: (_ target: UnsafeMutablePointer<Scalar>) -> Void) -> Bool {
    part(isThere ? work.other.pointer : work.change.pointer)
    if isThere { work.change.add(work.other) }
    return true
  }

  /// δt·U, with the repeated input if there is one.
  private func layerChange(
    _ layer: Int, _ effect: ParameterEffect<Scalar>, into target: UnsafeMutablePointer<Scalar>
  ) {
    twin.modulators[layer].tangent(
      along: effect.direction, phases: phases(layer), shown: work.layers[layer], into: workspace.field.pointer, scratch)
    engine.pack(complex: workspace.field.pointer, into: target)
    engine.multiply(target, by: before(layer), into: target)
    if twin.repeatedInput != nil, layer > 0 {
      engine.multiply(target, by: workspace.repeated.pointer, into: target)
    }
  }

  /// i·value·s times the light behind the layer: the repeated input is a phase that grows with its scale.
  private func repeatedChange(_ layer: Int, slope: Double, into target: UnsafeMutablePointer<Scalar>) {
    let (values, field) = (workspace.plane.pointer, workspace.field.pointer)
    twin.shared.encoder.upsample(image, into: values)
    for sample in 0..<engine.plane.count {
      field[2 * sample] = 0
      field[2 * sample + 1] = Scalar(slope) * values[sample]
    }
    engine.pack(complex: field, into: target)
    engine.multiply(target, by: work.behind[layer].pointer, into: target)
  }

  /// A hop of the change, and of the light through what changes of the hop itself.
  private func hop(
    _ transfer: TransferFunction<Scalar>, derivative: TransferFunction<Scalar>?, light: UnsafePointer<Scalar>,
    isThere: Bool
  ) -> Bool {
    let change = work.change.pointer
    if isThere { travel(change, transfer, into: change) }
    guard let derivative else { return isThere }
    return include(isThere: isThere) { travel(light, derivative, into: $0) }
  }

  private func travel(
    _ field: UnsafePointer<Scalar>, _ transfer: TransferFunction<Scalar>, into target: UnsafeMutablePointer<Scalar>
  ) {
    engine.enter(field: field, workspace.state)
    engine.hop(transfer, conjugate: false, workspace.state)
    engine.leave(field: target, workspace.state)
  }
}
