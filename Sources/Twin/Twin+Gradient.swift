import Arrays
import Optics

extension Twin {
  /// The number of groups in which gradients are summed, whatever the number of threads.
  private static var groups: Int { 8 }

  /// The gradient of a loss by the layers and, when asked for, by every alignment parameter.
  ///
  /// - Parameters:
  ///   - tape: a forward computation of this twin.
  ///   - intensityGradient: ∂L/∂I of each detector sample, shaped like the tape's intensities.
  ///   - ofParameters: also compute ∂L/∂θ, at the cost of half a forward computation more.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradient(
    _ tape: Tape<Scalar>, intensityGradient: Stack<Scalar>, ofParameters: Bool = false
  ) throws(TwinError) -> TwinGradient<Scalar> {
    let expected = tape.intensities
    guard intensityGradient.count == expected.count, intensityGradient.height == expected.height,
      intensityGradient.width == expected.width
    else {
      throw .shape(
        name: "intensityGradient",
        found: [intensityGradient.count, intensityGradient.height, intensityGradient.width],
        expected: [expected.count, expected.height, expected.width])
    }
    let batch = expected.count
    guard tape.layerFields.count == 2 * batch * description.geometry.layers * side * side else {
      throw .description("the tape was recorded by a twin of another size")
    }
    let groups = max(1, min(Self.groups, batch))
    let sums = (0..<groups).map { _ in
      GradientSum<Scalar>(
        layers: description.geometry.layers, side: side, hops: ofParameters ? transfers.count : 0,
        canvas: transform.canvas.count)
    }
    intensityGradient.values.withUnsafeBufferPointer { gradient in
      tape.inputs.values.withUnsafeBufferPointer { images in
        guard let gradient = SharedConstPointer(gradient.baseAddress),
          let images = SharedConstPointer(images.baseAddress)
        else { return }
        concurrently(groups, threads: threads) { group in
          pool.borrow { workspace in
            for index in group * batch / groups..<(group + 1) * batch / groups {
              accumulate(
                tape, index, gradient: gradient.pointer + index * tape.detector.count,
                image: images.pointer + index * tape.inputs.planeSize, into: sums[group], workspace)
            }
          }
        }
      }
    }
    for other in sums.dropFirst() { sums[0].add(other) }
    return TwinGradient(
      layers: layerGradient(sums[0]), parameters: ofParameters ? parameterGradient(sums[0]) : [:])
  }

  /// Carries the adjoint field of one image back to the first layer and adds what it meets to `sum`.
  private func accumulate(
    _ tape: Tape<Scalar>, _ index: Int, gradient: UnsafePointer<Scalar>, image: UnsafePointer<Scalar>,
    into sum: GradientSum<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    let adjoint = workspace.canvas.pointer
    let stride = transform.canvas.width
    let planeCount = 2 * side * side
    let layers = description.geometry.layers
    load(tape.detectorFields.pointer + index * planeCount, into: adjoint)
    tape.detector.adjoint(
      adjoint, stride: stride, side: side, gradient: gradient, row: workspace.row.pointer)
    for layer in (0..<layers).reversed() {
      let field = tape.layerFields.pointer + (index * layers + layer) * planeCount
      hopBack(path.hopAfterLayer[layer], adjoint, sum, workspace) { load(field, into: workspace.source.pointer) }
      let phasor = tape.phasors.pointer + layer * planeCount
      let goesOn = layer > 0 || (path.entryHop != nil && !sum.hops.isEmpty)
      for y in 0..<side {
        let row = adjoint + 2 * y * stride
        Scalar.addPhaseGradient(
          adjoint: row, field: field + 2 * y * side, to: sum.layers.pointer + (layer * side + y) * side, count: side)
        if goesOn { Scalar.multiplyConjugate(row, by: phasor + 2 * y * side, count: side) }
      }
    }
    if let entry = path.entryHop, !sum.hops.isEmpty {
      hopBack(entry, adjoint, sum, workspace) {
        encoder.encode(image, into: workspace.source.pointer, canvasWidth: stride)
      }
    }
  }

  private func hopBack(
    _ index: Int, _ adjoint: UnsafeMutablePointer<Scalar>, _ sum: GradientSum<Scalar>, _ workspace: Workspace<Scalar>,
    loadSource: () -> Void
  ) {
    guard !sum.hops.isEmpty else { return hop(index, adjoint, conjugate: true, workspace) }
    loadSource()
    transform.filterAdjoint(
      adjoint, by: transfers[index].factors.pointer, source: workspace.source.pointer,
      gradient: sum.hops[index].pointer, scratch: workspace.scratch.pointer,
      sourceScratch: workspace.sourceScratch.pointer)
  }

  /// Copies a `side × side` field to the top-left corner of a canvas whose padding becomes zero.
  private func load(_ field: UnsafePointer<Scalar>, into canvas: UnsafeMutablePointer<Scalar>) {
    let stride = transform.canvas.width
    for y in 0..<side {
      let row = canvas + 2 * y * stride
      row.update(from: field + 2 * y * side, count: 2 * side)
      if stride > side { (row + 2 * side).update(repeating: 0, count: 2 * (stride - side)) }
    }
  }

  private func layerGradient(_ sum: GradientSum<Scalar>) -> Stack<Scalar> {
    let geometry = description.geometry
    var result = Stack<Scalar>(count: geometry.layers, height: geometry.grid, width: geometry.grid)
    for layer in 0..<geometry.layers {
      for y in 0..<side {
        for x in 0..<side {
          result[layer, y / geometry.sampling, x / geometry.sampling] +=
            sum.layers.pointer[(layer * side + y) * side + x]
        }
      }
    }
    return result
  }

  private func parameterGradient(_ sum: GradientSum<Scalar>) -> [String: Double] {
    let positions = samplePositions
    let moments = (0..<description.geometry.layers).map { layer in
      var moment = Ramp()
      for y in 0..<side {
        for x in 0..<side {
          let value = Double(sum.layers.pointer[(layer * side + y) * side + x])
          moment.x += value * positions[x]
          moment.y += value * positions[y]
        }
      }
      return moment
    }
    return path.influences.mapValues { influence in
      var total = 0.0
      for (hop, derivative) in influence.hops.sorted(by: { $0.key < $1.key }) {
        total += transform.sum(sum.hops[hop].pointer, weightedBy: derivative)
      }
      for (layer, slope) in influence.ramps.sorted(by: { $0.key < $1.key }) {
        total += slope.x * moments[layer].x + slope.y * moments[layer].y
      }
      return total
    }
  }
}

/// The sums over one group of images.
private final class GradientSum<Scalar: OpticsScalar>: Sendable {
  /// ∂L/∂φ of the computed samples, `[layers, side, side]`.
  let layers: AlignedBuffer<Scalar>
  /// The derivative by the phase of each distinct hop's transfer function, in block order; empty unless asked for.
  let hops: [AlignedBuffer<Scalar>]

  init(layers: Int, side: Int, hops: Int, canvas: Int) {
    self.layers = AlignedBuffer(count: layers * side * side)
    self.hops = (0..<hops).map { _ in AlignedBuffer(count: canvas) }
  }

  func add(_ other: GradientSum) {
    for (mine, theirs) in zip([layers] + hops, [other.layers] + other.hops) {
      for index in 0..<mine.count { mine.pointer[index] += theirs.pointer[index] }
    }
  }
}
