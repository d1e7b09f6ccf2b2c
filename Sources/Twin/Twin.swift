import Arrays
import Concurrency
import Foundation
import Numerics
import Optics

/// The digital twin: computes what the detector of a bench would see, and how that depends on the layers and on every
/// parameter.
///
/// The answer does not depend on the number of threads: images are computed independently, and gradients are summed in
/// groups that follow from the batch alone, in a fixed order.
public struct Twin<Scalar: OpticsScalar>: Sendable {
  /// The fixed part of the bench.
  public let description: TwinDescription
  /// The present values of the parameters.
  public let parameters: TwinParameters
  /// Threads that one call uses at most.
  public let threads: Int
  /// How well the canvas samples the longest hop; its warning is what a user should see.
  public let sampling: SamplingReport
  /// The engine that carries the light, for logs.
  public var engineName: String { shared.engine.name }

  /// Bytes that one thread works in, and that one image of a ``Tape`` keeps.
  public var memory: (perThread: Int, perImage: Int) {
    let kept = 2 * (description.geometry.layers + 1) * engine.planeCount + engine.plane.count
    return (shared.workspaces.borrow { $0.byteCount }, kept * MemoryLayout<Scalar>.stride)
  }

  let shared: SharedParts<Scalar>
  let path: OpticalPath
  let hops: HopTable<Scalar>
  let hopWeights: HopWeights<Scalar>
  let modulators: [LayerModulator<Scalar>]
  let illumination: Illumination
  /// The light on the input, complex, in the engine's order; nil for a plain wave.
  let source: AlignedBuffer<Scalar>?
  let repeatedInput: RepeatedInput?
  let detectors: DetectorShelf<Scalar>
  let phasePlan: GradientPlan
  let parameterPlan: GradientPlan

  var engine: any PropagationEngine<Scalar> { shared.engine }

  /// - Parameters:
  ///   - parameters: where everything is; nominal when nil.
  ///   - threads: all processors when nil.
  /// - Throws: ``TwinError`` when no bench can look like this, or when the canvas undersamples it and neither the band limit
  ///   nor the description allows that.
  public init(
    _ description: TwinDescription, parameters: TwinParameters? = nil, threads: Int? = nil
  ) throws(TwinError) {
    try description.validate()
    try self.init(
      description: description, parameters: parameters ?? TwinParameters(nominalFor: description),
      threads: max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount),
      shared: SharedParts(description), reusing: nil)
  }

  private init(
    description: TwinDescription, parameters: TwinParameters, threads: Int, shared: SharedParts<Scalar>,
    reusing old: Twin?
  ) throws(TwinError) {
    try parameters.validate(for: description)
    self.description = description
    self.parameters = parameters
    self.threads = threads
    self.shared = shared
    let path = OpticalPath.make(description.geometry, parameters)
    self.path = path
    sampling = path.sampling(description.geometry)
    try sampling.validate(for: description.geometry)
    hops = HopTable(path, shared, reusing: old?.hops)
    hopWeights = HopWeights(shared)
    var modulators: [LayerModulator<Scalar>] = []
    for (index, plane) in path.planes.enumerated() {
      modulators.append(
        try LayerModulator(description, plane: index, phase: plane, parameters, basis: shared.basis))
    }
    self.modulators = modulators
    let illumination = Illumination(description, parameters, basis: shared.basis)
    self.illumination = illumination
    source = illumination.isUniform ? nil : Self.pack(illumination, shared)
    let repeatedInput = RepeatedInput(description, parameters)
    self.repeatedInput = repeatedInput
    phasePlan = GradientPlan(ofParameters: false, parameters, path, modulators, illumination, repeatedInput)
    parameterPlan = GradientPlan(ofParameters: true, parameters, path, modulators, illumination, repeatedInput)
    detectors = DetectorShelf(description, DetectorVariables(parameters))
    _ = try detectors.entry(block: nil)
  }

  private static func pack(_ illumination: Illumination, _ shared: SharedParts<Scalar>) -> AlignedBuffer<Scalar> {
    let packed = AlignedBuffer<Scalar>(count: 2 * shared.engine.planeCount)
    shared.workspaces.borrow { workspace in
      illumination.field(into: workspace.field.pointer)
      shared.engine.pack(complex: workspace.field.pointer, into: packed.pointer)
    }
    return packed
  }

  /// The same bench with other parameters; plans, memory and whatever does not change are shared.
  ///
  /// - Throws: ``TwinError`` when no bench can look like this.
  public func with(_ parameters: TwinParameters) throws(TwinError) -> Twin {
    try Twin(description: description, parameters: parameters, threads: threads, shared: shared, reusing: self)
  }

  /// The same bench with other parameters and another map of the source.
  ///
  /// - Throws: ``TwinError`` when no bench can look like this.
  public func with(_ parameters: TwinParameters, sourceMap: SourceMap?) throws(TwinError) -> Twin {
    try with(parameters, FreeForms(source: sourceMap, layers: description.modulator.maps))
  }

  /// The same bench with other parameters and other free forms.
  ///
  /// - Throws: ``TwinError`` when no bench can look like this.
  public func with(_ parameters: TwinParameters, _ forms: FreeForms) throws(TwinError) -> Twin {
    try forms.validate(for: description.geometry)
    var description = description
    description.forms = forms
    return try Twin(description: description, parameters: parameters, threads: threads, shared: shared, reusing: self)
  }

  /// Detector samples of one image.
  public func detectorShape(block: Int? = nil) throws(TwinError) -> (height: Int, width: Int) {
    let detector = try detectors.entry(block: block).detector
    return (detector.height, detector.width)
  }

  /// Samples along each side of the computed plane.
  var side: Int { shared.basis.side }

  // MARK: - Forward

  /// The detector intensity of each input.
  ///
  /// - Parameters:
  ///   - layers: phases in radians, `[layers, grid, grid]`.
  ///   - inputs: images, `[batch, size, size]`.
  ///   - block: grid samples along each side of a detector sample; the description's own when nil.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(
    layers: Stack<Scalar>, inputs: Stack<Scalar>, block: Int? = nil
  ) throws(TwinError) -> Stack<Scalar> {
    try validate(layers: layers, inputs: inputs)
    let shelf = try detectors.entry(block: block)
    let detector = shelf.detector
    let transmissions = AlignedBuffer<Scalar>(count: 2 * layers.count * engine.planeCount)
    fill(transmissions, layers)
    var result = Stack<Scalar>(count: inputs.count, height: detector.height, width: detector.width)
    result.values.withUnsafeMutableBufferPointer { output in
      inputs.values.withUnsafeBufferPointer { images in
        guard let output = SharedPointer(output.baseAddress), let images = SharedConstPointer(images.baseAddress) else {
          return
        }
        concurrently(inputs.count, threads: threads) { index in
          shared.workspaces.borrow { workspace in
            propagate(images.pointer + index * inputs.planeSize, transmissions.pointer, workspace, keeping: nil)
            engine.leave(field: nil, intensity: workspace.intensity.pointer, workspace.state)
            shelf.workspaces.borrow {
              detector.detect(workspace.intensity.pointer, into: output.pointer + index * detector.count, $0)
            }
          }
        }
      }
    }
    return result
  }

  /// ``forward(layers:inputs:block:)`` that keeps what ``gradient(_:intensityGradient:ofParameters:)`` needs.
  ///
  /// - Parameter old: a tape whose memory may be used.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func record(
    layers: Stack<Scalar>, inputs: Stack<Scalar>, block: Int? = nil, tape old: Tape<Scalar>? = nil
  ) throws(TwinError) -> Tape<Scalar> {
    try validate(layers: layers, inputs: inputs)
    let shelf = try detectors.entry(block: block)
    let tape: Tape<Scalar>
    if let old, old.take(layers: layers, inputs: inputs, detector: shelf, engine: engine) {
      tape = old
    } else {
      tape = Tape(layers: layers, inputs: inputs, detector: shelf, engine: engine)
    }
    fill(tape.transmissions, layers)
    let complexCount = 2 * engine.planeCount
    let layerCount = layers.count
    tape.intensities.values.withUnsafeMutableBufferPointer { output in
      inputs.values.withUnsafeBufferPointer { images in
        guard let output = SharedPointer(output.baseAddress), let images = SharedConstPointer(images.baseAddress) else {
          return
        }
        concurrently(inputs.count, threads: threads) { index in
          shared.workspaces.borrow { workspace in
            propagate(
              images.pointer + index * inputs.planeSize, tape.transmissions.pointer, workspace,
              keeping: tape.layerFields.pointer + index * layerCount * complexCount)
            let intensity = tape.planeIntensities.pointer + index * engine.plane.count
            engine.leave(
              field: tape.detectorFields.pointer + index * complexCount, intensity: intensity, workspace.state)
            shelf.workspaces.borrow {
              shelf.detector.detect(intensity, into: output.pointer + index * shelf.detector.count, $0)
            }
          }
        }
      }
    }
    return tape
  }

  /// Carries one image to the detector plane, and keeps the field before each layer.
  func propagate(
    _ image: UnsafePointer<Scalar>, _ transmissions: UnsafePointer<Scalar>, _ workspace: Workspace<Scalar>,
    keeping fields: UnsafeMutablePointer<Scalar>?
  ) {
    let complexCount = 2 * engine.planeCount
    if let entry = hops.entry {
      enter(image, workspace)
      engine.hop(hops.functions[entry], conjugate: false, workspace.state)
    }
    prepareRepeated(image, workspace)
    for layer in 0..<description.geometry.layers {
      let transmission = transmission(transmissions, layer, workspace)
      let kept = fields.map { $0 + layer * complexCount }
      if layer == 0, hops.entry == nil {
        // The input is imaged on the first layer: what enters the free space is their product.
        let field = kept ?? workspace.source.pointer
        encode(image, into: field, workspace)
        engine.multiply(field, by: transmission, into: workspace.source.pointer)
        engine.enter(field: workspace.source.pointer, workspace.state)
      } else {
        engine.cross(transmission, saving: kept, workspace.state)
      }
      engine.hop(hops.functions[hops.behindLayer[layer]], conjugate: false, workspace.state)
    }
  }

  /// Puts an image on the beam.
  private func enter(_ image: UnsafePointer<Scalar>, _ workspace: Workspace<Scalar>) {
    guard shared.encoder.isReal else {
      encode(image, into: workspace.source.pointer, workspace)
      return engine.enter(field: workspace.source.pointer, workspace.state)
    }
    shared.encoder.encode(image, amplitude: workspace.plane.pointer)
    if let source {
      engine.enter(amplitude: workspace.plane.pointer, times: source.pointer, saving: nil, workspace.state)
    } else {
      engine.enter(amplitude: workspace.plane.pointer, workspace.state)
    }
  }

  /// The illuminated field of an image in the engine's order.
  func encode(
    _ image: UnsafePointer<Scalar>, into field: UnsafeMutablePointer<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    shared.encoder.encode(image, field: workspace.field.pointer)
    engine.pack(complex: workspace.field.pointer, into: field)
    if let source { engine.multiply(field, by: source.pointer, into: field) }
  }

  /// Spreads the image over the plane for the layers that it is repeated on.
  func prepareRepeated(_ image: UnsafePointer<Scalar>, _ workspace: Workspace<Scalar>) {
    guard let repeatedInput else { return }
    shared.encoder.upsample(image, into: workspace.plane.pointer)
    repeatedInput.prepare(engine, workspace)
  }

  /// A layer's transmission for the image at hand, in the engine's order.
  func transmission(
    _ transmissions: UnsafePointer<Scalar>, _ layer: Int, _ workspace: Workspace<Scalar>
  ) -> UnsafePointer<Scalar> {
    let common = transmissions + 2 * layer * engine.planeCount
    guard repeatedInput != nil, layer > 0 else { return common }
    engine.multiply(common, by: workspace.repeated.pointer, into: workspace.transmission.pointer)
    return UnsafePointer(workspace.transmission.pointer)
  }

  /// Computes the transmission of every layer in the engine's order.
  func fill(_ transmissions: AlignedBuffer<Scalar>, _ layers: Stack<Scalar>) {
    layers.values.withUnsafeBufferPointer { values in
      guard let values = SharedConstPointer(values.baseAddress) else { return }
      concurrently(layers.count, threads: threads) { layer in
        shared.layerScratch.borrow { scratch in
          modulators[layer].transmission(
            values.pointer + layer * layers.planeSize, into: scratch.transmission.pointer, scratch)
          engine.pack(
            complex: scratch.transmission.pointer, into: transmissions.pointer + 2 * layer * engine.planeCount)
        }
      }
    }
  }

  /// Beyond this a single-precision phase says nothing any more.
  private static var largestPhase: Scalar { 1e4 }

  private func validate(layers: Stack<Scalar>, inputs: Stack<Scalar>) throws(TwinError) {
    let geometry = description.geometry
    guard layers.count == geometry.layers, layers.height == geometry.grid, layers.width == geometry.grid else {
      throw .shape(
        name: "layers", found: [layers.count, layers.height, layers.width],
        expected: [geometry.layers, geometry.grid, geometry.grid])
    }
    let size = description.input.size
    guard inputs.height == size, inputs.width == size else {
      throw .shape(
        name: "inputs", found: [inputs.count, inputs.height, inputs.width], expected: [inputs.count, size, size])
    }
    try validate("inputs", inputs.values, limit: .greatestFiniteMagnitude)
    try validate("layers", layers.values, limit: Self.largestPhase)
  }

  /// One pass that vectorises; the place of a fault is looked for only when there is one.
  private func validate(_ name: String, _ values: [Scalar], limit: Scalar) throws(TwinError) {
    let isValid = values.withUnsafeBufferPointer { values in
      var valid = true
      for value in values { valid = valid && abs(value) <= limit }
      return valid
    }
    guard !isValid else { return }
    if let index = values.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(name: name, index: index) }
    if let index = values.firstIndex(where: { abs($0) > limit }) {
      throw .phase(index: index, value: Double(values[index]), limit: Double(limit))
    }
  }
}

/// A pointer handed to several threads that write to disjoint parts.
struct SharedPointer<Scalar>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Scalar>
  init?(_ pointer: UnsafeMutablePointer<Scalar>?) {
    guard let pointer else { return nil }
    self.pointer = pointer
  }
}

/// A pointer handed to several threads that read.
struct SharedConstPointer<Scalar>: @unchecked Sendable {
  let pointer: UnsafePointer<Scalar>
  init?(_ pointer: UnsafePointer<Scalar>?) {
    guard let pointer else { return nil }
    self.pointer = pointer
  }
}
