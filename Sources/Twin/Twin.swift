import Arrays
import Foundation
import Numerics
import Optics

/// The digital twin: computes what the detector of a bench would see, and how that depends on the layers and on every
/// alignment parameter.
///
/// The answer does not depend on the number of threads: images are computed independently, and gradients are summed in
/// fixed groups in a fixed order.
public struct Twin<Scalar: OpticsScalar>: Sendable {
  public let description: TwinDescription
  /// The present values of the alignment parameters.
  public let parameters: TwinParameters
  /// Threads that one call uses at most.
  public let threads: Int
  /// How well the canvas samples the longest hop; its warning is what a user should see.
  public var sampling: SamplingReport { path.sampling }

  let path: OpticalPath
  let transform: SpectralTransform<Scalar>
  let transfers: [TransferFunction<Scalar>]
  let pool: WorkspacePool<Scalar>
  let encoder: Encoder

  /// - Parameters:
  ///   - parameters: the alignment; nominal when nil.
  ///   - threads: all processors when nil.
  /// - Throws: ``TwinError`` when no bench can look like this.
  public init(
    _ description: TwinDescription, parameters: TwinParameters? = nil, threads: Int? = nil
  ) throws(TwinError) {
    let geometry = description.geometry
    try description.validate()
    let plane = PlaneGrid(side: geometry.grid * geometry.sampling, pitch: geometry.pitch / Double(geometry.sampling))
    let transform: SpectralTransform<Scalar>
    do {
      transform = try SpectralTransform(plane: plane, canvas: plane.padded(by: geometry.padding))
    } catch {
      throw .optics(error)
    }
    self.init(
      description: description, parameters: parameters ?? TwinParameters(nominalFor: geometry),
      threads: max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount), transform: transform,
      pool: WorkspacePool(transform))
  }

  private init(
    description: TwinDescription, parameters: TwinParameters, threads: Int, transform: SpectralTransform<Scalar>,
    pool: WorkspacePool<Scalar>
  ) {
    self.description = description
    self.parameters = parameters
    self.threads = threads
    self.transform = transform
    self.pool = pool
    let path = OpticalPath.make(description.geometry, parameters, canvas: transform.canvas)
    self.path = path
    transfers = path.hops.map { TransferFunction(transform: transform, phase: $0) }
    encoder = Encoder(description.input, grid: description.geometry.grid, sampling: description.geometry.sampling)
  }

  /// The same bench with other alignment parameters; plans and memory are shared.
  public func with(_ parameters: TwinParameters) -> Twin {
    Twin(description: description, parameters: parameters, threads: threads, transform: transform, pool: pool)
  }

  /// Detector samples of one image.
  public func detectorShape(block: Int? = nil) throws(TwinError) -> (height: Int, width: Int) {
    let detector = try makeDetector(block: block)
    return (detector.height, detector.width)
  }

  /// Samples along each side of the computed plane.
  var side: Int { transform.plane.width }

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
    let detector = try makeDetector(block: block)
    let phasors = makePhasors(layers)
    var result = Stack<Scalar>(count: inputs.count, height: detector.height, width: detector.width)
    result.values.withUnsafeMutableBufferPointer { output in
      inputs.values.withUnsafeBufferPointer { images in
        guard let output = SharedPointer(output.baseAddress), let images = SharedConstPointer(images.baseAddress) else {
          return
        }
        concurrently(inputs.count, threads: threads) { index in
          pool.borrow { workspace in
            propagate(images.pointer + index * inputs.planeSize, phasors, in: workspace, layerFields: nil)
            detector.detect(
              workspace.canvas.pointer, stride: transform.canvas.width,
              into: output.pointer + index * detector.count, row: workspace.row.pointer)
          }
        }
      }
    }
    return result
  }

  /// ``forward(layers:inputs:block:)`` that keeps what ``gradient(_:intensityGradient:ofParameters:)`` needs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func record(
    layers: Stack<Scalar>, inputs: Stack<Scalar>, block: Int? = nil, tape old: Tape<Scalar>? = nil
  ) throws(TwinError) -> Tape<Scalar> {
    try validate(layers: layers, inputs: inputs)
    let detector = try makeDetector(block: block)
    let tape = Tape(
      inputs: inputs, detector: detector, phasors: makePhasors(layers), layers: layers.count, side: side,
      reusing: old)
    let planeCount = 2 * side * side
    let layerCount = layers.count
    tape.intensities.values.withUnsafeMutableBufferPointer { output in
      inputs.values.withUnsafeBufferPointer { images in
        guard let output = SharedPointer(output.baseAddress), let images = SharedConstPointer(images.baseAddress) else {
          return
        }
        concurrently(inputs.count, threads: threads) { index in
          pool.borrow { workspace in
            propagate(
              images.pointer + index * inputs.planeSize, tape.phasors, in: workspace,
              layerFields: tape.layerFields.pointer + index * layerCount * planeCount)
            let field = workspace.canvas.pointer
            let stride = transform.canvas.width
            detector.detect(
              field, stride: stride, into: output.pointer + index * detector.count, row: workspace.row.pointer)
            let kept = tape.detectorFields.pointer + index * planeCount
            for y in 0..<side { (kept + 2 * y * side).update(from: field + 2 * y * stride, count: 2 * side) }
          }
        }
      }
    }
    return tape
  }

  /// Carries one image to the detector plane, leaving the field in the workspace's canvas.
  private func propagate(
    _ image: UnsafePointer<Scalar>, _ phasors: AlignedBuffer<Scalar>, in workspace: Workspace<Scalar>,
    layerFields: UnsafeMutablePointer<Scalar>?
  ) {
    let field = workspace.canvas.pointer
    let stride = transform.canvas.width
    let planeCount = 2 * side * side
    encoder.encode(image, into: field, canvasWidth: stride)
    if let entry = path.entryHop { hop(entry, field, conjugate: false, workspace) }
    for layer in 0..<description.geometry.layers {
      let phasor = phasors.pointer + layer * planeCount
      for y in 0..<side {
        let row = field + 2 * y * stride
        if let saved = layerFields {
          Scalar.multiply(
            row, by: phasor + 2 * y * side, saving: saved + layer * planeCount + 2 * y * side, count: side)
        } else {
          Scalar.multiply(row, by: phasor + 2 * y * side, count: side)
        }
      }
      hop(path.hopAfterLayer[layer], field, conjugate: false, workspace)
    }
  }

  func hop(_ index: Int, _ field: UnsafeMutablePointer<Scalar>, conjugate: Bool, _ workspace: Workspace<Scalar>) {
    transform.filter(
      field, by: transfers[index].factors.pointer, conjugate: conjugate, scratch: workspace.scratch.pointer)
  }

  private func makeDetector(block: Int?) throws(TwinError) -> Detector {
    try Detector(
      description.detector, block: block, grid: description.geometry.grid, sampling: description.geometry.sampling)
  }

  /// e^(iφ) of every layer on the computed plane, ramps included.
  private func makePhasors(_ layers: Stack<Scalar>) -> AlignedBuffer<Scalar> {
    let side = side
    let sampling = description.geometry.sampling
    let phasors = AlignedBuffer<Scalar>(count: 2 * layers.count * side * side)
    let positions = samplePositions
    layers.values.withUnsafeBufferPointer { values in
      guard let values = SharedConstPointer(values.baseAddress) else { return }
      concurrently(layers.count, threads: threads) { layer in
        let row = AlignedBuffer<Scalar>(count: side)
        let ramp = path.ramps[layer]
        for y in 0..<side {
          let phases = values.pointer + layer * layers.planeSize + y / sampling * layers.width
          let rowPhase = ramp.y * positions[y]
          for x in 0..<side {
            row.pointer[x] = phases[x / sampling] + Scalar(ramp.x * positions[x] + rowPhase)
          }
          Scalar.phasor(of: row.pointer, into: phasors.pointer + 2 * (layer * side + y) * side, count: side)
        }
      }
    }
    return phasors
  }

  /// The distance of each computed sample from the centre of layer sample ⌊grid/2⌋, in metres.
  var samplePositions: [Double] {
    let geometry = description.geometry
    return (0..<side).map { index in
      let within = (Double(index % geometry.sampling) + 0.5) / Double(geometry.sampling) - 0.5
      return (Double(index / geometry.sampling - geometry.grid / 2) + within) * geometry.pitch
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
    for (name, values) in [("layers", layers.values), ("inputs", inputs.values)] {
      if let index = values.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(name: name, index: index) }
    }
    if let index = layers.values.firstIndex(where: { abs($0) > Self.largestPhase }) {
      throw .phase(index: index, value: Double(layers.values[index]), limit: Double(Self.largestPhase))
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
