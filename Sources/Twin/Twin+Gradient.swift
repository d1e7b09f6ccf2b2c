import Arrays
import Concurrency
import Optics

extension Twin {
  /// The gradient of a loss by the layers and, when asked for, by every active parameter.
  ///
  /// - Parameters:
  ///   - tape: a forward computation of this twin.
  ///   - intensityGradient: ∂L/∂I of each detector sample, shaped like the tape's intensities.
  ///   - ofParameters: also compute ∂L/∂θ, at the cost of about half a forward computation more.
  public func gradient(
    _ tape: Tape<Scalar>, intensityGradient: Stack<Scalar>, ofParameters: Bool = false
  ) throws(TwinError) -> TwinGradient<Scalar> {
    let geometry = description.geometry
    var result = TwinGradient<Scalar>(
      layers: Stack(count: geometry.layers, height: geometry.grid, width: geometry.grid))
    try gradient(tape, intensityGradient: intensityGradient, ofParameters: ofParameters, into: &result)
    return result
  }

  /// ``gradient(_:intensityGradient:ofParameters:)`` into memory that is there already.
  ///
  /// - Parameter result: a gradient of this twin, overwritten.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradient(
    _ tape: Tape<Scalar>, intensityGradient: Stack<Scalar>, ofParameters: Bool = false,
    into result: inout TwinGradient<Scalar>
  ) throws(TwinError) {
    try validate(tape, intensityGradient, result)
    let plan = ofParameters ? parameterPlan : phasePlan
    let batch = tape.intensities.count
    let groups = Self.groups(batch)
    tape.withSums(plan, groups: groups) { sums in
      intensityGradient.values.withUnsafeBufferPointer { gradient in
        tape.inputs.values.withUnsafeBufferPointer { images in
          guard let gradient = SharedConstPointer(gradient.baseAddress),
            let images = SharedConstPointer(images.baseAddress)
          else { return }
          concurrently(groups, threads: threads) { group in
            sums.groups[group].clear()
            shared.workspaces.borrow { workspace in
              for index in group * batch / groups..<(group + 1) * batch / groups {
                accumulate(
                  tape, index, gradient: gradient.pointer + index * tape.detector.detector.count,
                  image: images.pointer + index * tape.inputs.planeSize, plan, into: sums.groups[group], workspace)
              }
            }
          }
        }
      }
      for other in sums.groups.dropFirst() { sums.groups[0].add(other) }
      finish(tape, plan, sums.groups[0], into: &result)
    }
  }

  /// Groups in which the gradients of a batch are summed, whatever the number of threads.
  private static func groups(_ batch: Int) -> Int { max(1, min(16, batch, max(2, batch / 4))) }

  private func validate(
    _ tape: Tape<Scalar>, _ gradient: Stack<Scalar>, _ result: TwinGradient<Scalar>
  ) throws(TwinError) {
    let expected = tape.intensities
    guard gradient.count == expected.count, gradient.height == expected.height, gradient.width == expected.width else {
      throw .shape(
        name: "intensityGradient", found: [gradient.count, gradient.height, gradient.width],
        expected: [expected.count, expected.height, expected.width])
    }
    let geometry = description.geometry
    guard tape.isOf(engine, layers: geometry.layers) else {
      throw .description("the tape was recorded by another twin")
    }
    let layers = result.layers
    guard layers.count == geometry.layers, layers.height == geometry.grid, layers.width == geometry.grid else {
      throw .shape(
        name: "gradient", found: [layers.count, layers.height, layers.width],
        expected: [geometry.layers, geometry.grid, geometry.grid])
    }
  }

  // MARK: - One image

  /// Carries the adjoint field of one image back to the first layer and adds what it meets to `sum`.
  private func accumulate(
    _ tape: Tape<Scalar>, _ index: Int, gradient: UnsafePointer<Scalar>, image: UnsafePointer<Scalar>,
    _ plan: GradientPlan, into sum: GradientSum<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    let complexCount = 2 * engine.planeCount
    let layers = description.geometry.layers
    prepareRepeated(image, workspace)
    tape.detector.workspaces.borrow {
      tape.detector.detector.adjoint(
        gradient, intensity: tape.planeIntensities.pointer + index * engine.plane.count,
        into: workspace.plane.pointer, variables: plan.ofDetector ? sum.detector.pointer : nil,
        ofRegistration: plan.ofRegistration, $0)
    }
    engine.enterAdjoint(
      field: tape.detectorFields.pointer + index * complexCount, weights: workspace.plane.pointer, workspace.state)
    for layer in (0..<layers).reversed() {
      let before = tape.layerFields.pointer + (index * layers + layer) * complexCount
      let transmission = transmission(tape.transmissions.pointer, layer, workspace)
      hopBack(plan.behindLayer[layer], hops.behindLayer[layer], sum, workspace) {
        engine.multiply(before, by: transmission, into: workspace.source.pointer)
      }
      crossBack(
        layer, transmission, common: tape.transmissions.pointer + layer * complexCount, before: before,
        continues: layer > 0 || plan.reachesInput, image, plan, sum, workspace)
    }
    if plan.reachesInput { enterBack(image, plan, sum, workspace) }
  }

  /// The adjoint of a hop, with the gradient by its phase when `spectrum` says where to.
  private func hopBack(
    _ spectrum: Int?, _ function: Int, _ sum: GradientSum<Scalar>, _ workspace: Workspace<Scalar>,
    source load: () -> Void
  ) {
    guard let spectrum else { return engine.hop(hops.functions[function], conjugate: true, workspace.state) }
    load()
    engine.hopBack(
      hops.functions[function], source: workspace.source.pointer,
      spectrumGradient: sum.spectra[spectrum].pointer, workspace.state)
  }

  private func crossBack(
    _ layer: Int, _ transmission: UnsafePointer<Scalar>, common: UnsafePointer<Scalar>,
    before: UnsafePointer<Scalar>, continues: Bool, _ image: UnsafePointer<Scalar>, _ plan: GradientPlan,
    _ sum: GradientSum<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    var target = sum.layers[layer]
    var field = before
    if repeatedInput != nil, layer > 0 {
      if plan.isComplex {
        // The layer's own transmission meets the light after the repeated input did.
        engine.multiply(before, by: workspace.repeated.pointer, into: workspace.source.pointer)
        field = UnsafePointer(workspace.source.pointer)
      }
      if plan.ofRepeatedInput {
        target = plan.isComplex ? workspace.imageGradient : workspace.imageSlope
        target.clear()
      }
    }
    if plan.isComplex {
      engine.crossBack(
        transmission, before: field, gradient: target.pointer, continues: continues, workspace.state)
    } else {
      engine.crossBack(
        transmission, before: before, phaseGradient: target.pointer, continues: continues, workspace.state)
    }
    guard target !== sum.layers[layer] else { return }
    sum.layers[layer].add(target)
    sum.repeated.pointer[0] += repeatedSlope(image, common, plan, workspace)
  }

  /// The derivative by the scale of the repeated input, from one image's own gradient by the phase of a layer, or by its
  /// transmission t: Im(conj(t)·g).
  private func repeatedSlope(
    _ image: UnsafePointer<Scalar>, _ transmission: UnsafePointer<Scalar>, _ plan: GradientPlan,
    _ workspace: Workspace<Scalar>
  ) -> Double {
    let slope = workspace.plane.pointer
    if plan.isComplex {
      let gradient = workspace.field.pointer
      engine.unpack(complex: workspace.imageGradient.pointer, into: gradient)
      engine.unpack(complex: transmission, into: workspace.imageGradient.pointer)
      Scalar.multiplyConjugate(gradient, by: workspace.imageGradient.pointer, count: engine.plane.count)
      for sample in 0..<engine.plane.count { slope[sample] = gradient[2 * sample + 1] }
    } else {
      engine.unpack(real: workspace.imageSlope.pointer, into: slope)
    }
    shared.encoder.upsample(image, into: workspace.intensity.pointer)
    var total = 0.0
    for sample in 0..<engine.plane.count {
      total += Double(slope[sample]) * Double(workspace.intensity.pointer[sample])
    }
    return total
  }

  /// The way from the first layer back to the input plane.
  private func enterBack(
    _ image: UnsafePointer<Scalar>, _ plan: GradientPlan, _ sum: GradientSum<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    guard let entry = hops.entry else { return }
    hopBack(plan.entry, entry, sum, workspace) { encode(image, into: workspace.source.pointer, workspace) }
    if plan.ofIllumination {
      encode(image, into: workspace.source.pointer, workspace)
      engine.crossBack(
        workspace.source.pointer, before: workspace.source.pointer, gradient: sum.illumination.pointer,
        continues: false, workspace.state)
    }
  }

  // MARK: - The whole batch

  /// From the sums over a batch to the gradient by phases and parameters.
  private func finish(
    _ tape: Tape<Scalar>, _ plan: GradientPlan, _ sum: GradientSum<Scalar>, into result: inout TwinGradient<Scalar>
  ) {
    let count = plan.ofParameters ? parameters.all.count : 0
    let parts = layerParts(tape, plan, sum, count: count, into: &result)
    guard plan.ofParameters else {
      result.parameters = [:]
      return
    }
    var total = ParameterGradient(count: count)
    for part in parts { total.add(part) }
    for (hop, spectrum) in zip(plan.hops, sum.spectra) {
      for (quantity, weights) in hopWeights(hop) {
        total.add(quantity, engine.sum(spectrum.pointer, weightedBy: weights))
      }
    }
    if plan.ofIllumination {
      shared.workspaces.borrow { workspace in
        loadIllumination(tape, sum, into: workspace)
        illumination.derivatives(workspace.field.pointer, phase: workspace.plane.pointer) { total.add($0, $1) }
      }
    }
    for index in DetectorVariables.Index.allCases {
      total.add(parameters.dependent(index.parameterName), sum.detector.pointer[index.rawValue])
    }
    if let repeatedInput {
      total.add(repeatedInput.scale, sum.repeated.pointer[0])
    }
    result.parameters = [:]
    for (index, parameter) in parameters.all.enumerated() where parameter.isActive {
      result.parameters[parameter.name] = total.slopes[index]
    }
  }

  /// Σ conj(U)·A on the input plane, row-major in `workspace.field`. On the first layer it is conj(t)·Σ conj(U)·A behind it.
  private func loadIllumination(_ tape: Tape<Scalar>, _ sum: GradientSum<Scalar>, into workspace: Workspace<Scalar>) {
    guard path.entry == nil else {
      return engine.unpack(complex: sum.illumination.pointer, into: workspace.field.pointer)
    }
    engine.unpack(complex: sum.layers[0].pointer, into: workspace.field.pointer)
    shared.layerScratch.borrow { scratch in
      engine.unpack(complex: tape.transmissions.pointer, into: scratch.transmission.pointer)
      Scalar.multiplyConjugate(
        workspace.field.pointer, by: scratch.transmission.pointer, count: engine.plane.count)
    }
  }

  /// The gradient by the phases of every layer, and what the layers' own quantities contribute.
  private func layerParts(
    _ tape: Tape<Scalar>, _ plan: GradientPlan, _ sum: GradientSum<Scalar>, count: Int,
    into result: inout TwinGradient<Scalar>
  ) -> [ParameterGradient] {
    var parts = [ParameterGradient](
      repeating: ParameterGradient(count: count), count: plan.ofParameters ? modulators.count : 0)
    result.layers.values.withUnsafeMutableBufferPointer { output in
      parts.withUnsafeMutableBufferPointer { parts in
        guard let output = SharedPointer(output.baseAddress) else { return }
        let slots = SharedPointer(parts.baseAddress)
        let size = description.geometry.grid * description.geometry.grid
        concurrently(modulators.count, threads: threads) { layer in
          shared.layerScratch.borrow { scratch in
            var part = ParameterGradient(count: count)
            let gradient = scratch.transmission.pointer
            let (here, there) = (tape.phases.pointer + layer * size, output.pointer + layer * size)
            if plan.isComplex {
              engine.unpack(complex: sum.layers[layer].pointer, into: gradient)
              modulators[layer].transmissionGradient(
                gradient, phases: here, into: there, parameters: &part, scratch)
            } else {
              engine.unpack(real: sum.layers[layer].pointer, into: gradient)
              modulators[layer].phaseGradient(gradient, phases: here, into: there, parameters: &part, scratch)
            }
            if part.isWanted { slots?.pointer[layer] = part }
          }
        }
      }
    }
    return parts
  }
}
