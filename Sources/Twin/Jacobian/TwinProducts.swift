import Arrays
import Concurrency
import Optics

/// How a twin changes along a direction, by names: how fast each parameter does, in its unit, and the maps of source and layers.
package struct TwinDirection: Sendable {
  package var parameters: [String: Double]
  package var map: SourceMap?
  package var layers: [LayerMap]?

  package init(parameters: [String: Double] = [:], map: SourceMap? = nil, layers: [LayerMap]? = nil) {
    (self.parameters, self.map, self.layers) = (parameters, map, layers)
  }
}

/// Products of the derivatives of frames with vectors, J·v and Jᵀ·w.
///
/// Named parameters are few, and have columns (``TwinJacobian``). The coefficients of maps are many and have none: a change of the light
/// on the input, or of what a layer adds to its phase, needs one way to the camera, or one back, through layers that stay as they are.
///
/// Made once for a twin; frames may be used by several threads at a time. With S samples on the computed plane, L layers, and scalars of b
/// bytes, a frame with n samples and p named parameters keeps b·(2·S + n·(p + 2)) bytes: the light on the camera, columns, samples. Beside
/// these there are the transmissions of its layers, 2·b·L·S bytes, and for a twin with maps of its layers as much again for the light before
/// them, kept of as many frames as ``kept`` has room for and computed for each product of the others, and for each thread the memory of
/// one frame's derivatives (``JacobianWorkspace``, ``Tape``, and a ``Workspace``), some b·S·(20·L + 30) bytes.
package struct TwinProducts<Scalar: OpticsScalar>: Sendable {
  private let twin: Twin<Scalar>
  private let jacobian: TwinJacobian<Scalar>
  private let room: Locked<Int>
  private let workspaces: Pool<ProductWorkspace<Scalar>>

  /// Bytes for what is kept of all frames' layers, unless it is said otherwise.
  package static var kept: Int { 512 << 20 }

  /// One frame with its columns.
  package struct Frame: Sendable {
    /// The detector's samples.
    package let samples: [Scalar]
    /// Their derivatives by each parameter, in the order of the names.
    let columns: [[Scalar]]
    fileprivate let light: DetectedLight<Scalar>
    fileprivate let layers: Stack<Scalar>
    fileprivate let input: Stack<Scalar>
    /// Nil when they are computed for each product.
    fileprivate let layersKept: LayersOfFrame<Scalar>?

    /// Bytes that the frame keeps of the light and of the layers.
    package var planes: Int {
      (light.field.count + (layersKept?.count ?? 0)) * MemoryLayout<Scalar>.stride
    }
  }

  /// A direction, made ready for all frames.
  package struct Tangent: Sendable {
    /// In the order of the names.
    fileprivate let speeds: [Scalar]
    /// The change of the logarithm of the light on the input, complex in the engine's order; nil when the map stays.
    fileprivate let light: AlignedBuffer<Scalar>?
    /// That of every layer's transmission.
    fileprivate let turns: [AlignedBuffer<Scalar>?]

    fileprivate var travels: Bool { light != nil || turns.contains { $0 != nil } }
  }

  /// - Parameters:
  ///   - names: the parameters of the directions.
  ///   - room: bytes for transmissions that are kept.
  /// - Throws: ``TwinError/unknownParameter(_:known:)``, or what ``Twin/with(_:)`` throws.
  package init(_ twin: Twin<Scalar>, of names: [String], keeping room: Int = Self.kept) throws(TwinError) {
    self.twin = twin
    self.room = Locked(room)
    jacobian = try TwinJacobian(twin, of: names)
    workspaces = Pool { ProductWorkspace(twin) }
  }

  /// Computes a frame and its columns.
  package func frame(layers: Stack<Scalar>, input: Stack<Scalar>, block: Int? = nil) throws(TwinError) -> Frame {
    let (samples, columns, light) = try jacobian.lit(layers: layers, input: input, block: block)
    let bytes = LayersOfFrame<Scalar>.count(twin) * MemoryLayout<Scalar>.stride
    let isKept = room.withLock { room in
      guard room >= bytes else { return false }
      room -= bytes
      return true
    }
    var kept: LayersOfFrame<Scalar>?
    if isKept {
      let found = LayersOfFrame(twin)
      input.values.withUnsafeBufferPointer { image in
        guard let image = image.baseAddress else { return }
        twin.shared.workspaces.borrow { found.fill(twin, layers, image, $0) }
      }
      kept = found
    }
    return Frame(
      samples: samples, columns: columns, light: light, layers: layers, input: input, layersKept: kept)
  }

  package func tangent(along direction: TwinDirection) -> Tangent {
    Tangent(
      speeds: jacobian.names.map { Scalar(direction.parameters[$0] ?? 0) }, light: direction.map.flatMap(lightChange),
      turns: twin.modulators.indices.map { layer in direction.layers.flatMap { turn($0[layer], of: layer) } })
  }

  /// Nil for a layer without a map, and for a map that stays.
  private func turn(_ change: LayerMap, of layer: Int) -> AlignedBuffer<Scalar>? {
    guard let spline = twin.modulators[layer].map, change.phase.contains(where: { $0 != 0 }) else { return nil }
    let turn = spline.values(change.phase)
    return twin.shared.workspaces.borrow { workspace in
      let field = workspace.field.pointer
      for sample in turn.indices { (field[2 * sample], field[2 * sample + 1]) = (0, Scalar(turn[sample])) }
      let packed = AlignedBuffer<Scalar>(count: 2 * twin.engine.planeCount)
      twin.engine.pack(complex: field, into: packed.pointer)
      return packed
    }
  }

  private func lightChange(_ map: SourceMap) -> AlignedBuffer<Scalar>? {
    twin.shared.workspaces.borrow { workspace in
      guard twin.illumination.logarithmicTangent(of: map, into: workspace.field.pointer) else { return nil }
      let packed = AlignedBuffer<Scalar>(count: 2 * twin.engine.planeCount)
      twin.engine.pack(complex: workspace.field.pointer, into: packed.pointer)
      return packed
    }
  }

  /// How fast every sample of a frame changes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func product(_ tangent: Tangent, _ frame: Frame) -> [Scalar] {
    var change = [Scalar](repeating: 0, count: frame.samples.count)
    change.withUnsafeMutableBufferPointer { change in
      guard let base = change.baseAddress else { return }
      if tangent.travels { addChange(tangent, frame, to: base) }
      for (speed, column) in zip(tangent.speeds, frame.columns) where speed != 0 {
        column.withUnsafeBufferPointer { column in
          for sample in 0..<change.count { base[sample] += speed * column[sample] }
        }
      }
    }
    return change
  }

  /// The derivatives of Σ w·I over the samples of a frame, by every parameter of the names and by the maps.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func transposedProduct(_ weights: [Scalar], _ frame: Frame) -> TwinDirection {
    var result = TwinDirection()
    for (name, column) in zip(jacobian.names, frame.columns) {
      result.parameters[name] = Self.product(column, weights)
    }
    addMapDerivatives(weights, frame, to: &result)
    return result
  }

  /// Σ a·b, with independent sums.
  private static func product(_ a: [Scalar], _ b: [Scalar]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sums = SIMD8<Double>(repeating: 0)
        for start in stride(from: 0, to: a.count & ~7, by: 8) {
          for lane in 0..<8 { sums[lane] += Double(a[start + lane]) * Double(b[start + lane]) }
        }
        var sum = sums.sum()
        for index in a.count & ~7..<a.count { sum += Double(a[index]) * Double(b[index]) }
        return sum
      }
    }
  }

  // MARK: - The maps

  /// The intensity of the light on the input of a frame, or before a layer, summed along y and along x, with 1 for the largest sums.
  package func profiles(_ frame: Frame, before layer: Int? = nil) -> (x: [Double], y: [Double]) {
    let side = twin.side
    var (x, y) = ([Double](repeating: 0, count: side), [Double](repeating: 0, count: side))
    carrying(frame) { image, layers, work, workspace in
      twin.encode(image, into: work.change.pointer, workspace)
      let light = layer.flatMap { layers.light($0, twin) } ?? UnsafePointer(work.change.pointer)
      twin.engine.unpack(complex: light, into: work.seen.pointer)
      Scalar.intensity(of: work.seen.pointer, into: workspace.intensity.pointer, count: side * side)
      for sample in 0..<side * side {
        let value = Double(workspace.intensity.pointer[sample])
        x[sample % side] += value
        y[sample / side] += value
      }
    }
    func scaled(_ sums: [Double]) -> [Double] {
      let largest = sums.max() ?? 0
      return largest > 0 ? sums.map { $0 / largest } : sums
    }
    return (scaled(x), scaled(y))
  }

  /// Writes the change of the samples with the light on the input and with the phases of layers.
  private func addChange(_ tangent: Tangent, _ frame: Frame, to samples: UnsafeMutablePointer<Scalar>) {
    carrying(frame) { image, layers, work, workspace in
      let engine = twin.engine
      let field = work.change.pointer
      if let light = tangent.light {
        twin.encode(image, into: field, workspace)
        engine.multiply(field, by: light.pointer, into: field)
      } else {
        work.change.clear()
      }
      twin.carry(field, through: layers.transmissions.pointer, workspace) { layer in
        guard let turn = tangent.turns[layer], let light = layers.light(layer, twin) else { return nil }
        return (UnsafePointer(turn.pointer), light)
      }
      engine.unpack(complex: field, into: workspace.field.pointer)
      engine.unpack(complex: frame.light.field.pointer, into: work.seen.pointer)
      let (light, moved, intensity) = (work.seen.pointer, workspace.field.pointer, workspace.intensity.pointer)
      for sample in 0..<engine.plane.count {
        let (real, imaginary) = (2 * sample, 2 * sample + 1)
        intensity[sample] = 2 * (light[real] * moved[real] + light[imaginary] * moved[imaginary])
      }
      frame.light.detector.workspaces.borrow {
        frame.light.detector.detector.tangent(
          intensity, follows: frame.light.follows.pointer, into: samples, $0)
      }
    }
  }

  private func addMapDerivatives(_ weights: [Scalar], _ frame: Frame, to result: inout TwinDirection) {
    let forms = twin.description.forms
    guard forms.source != nil || forms.layers != nil else { return }
    var found = forms.layers?.map { LayerMap(fineness: $0.fineness) }
    var ofSource: SourceMap?
    carrying(frame) { image, layers, work, workspace in
      let engine = twin.engine
      let (detector, plane) = (frame.light.detector, workspace.plane.pointer)
      engine.unpack(complex: frame.light.field.pointer, into: work.seen.pointer)
      Scalar.intensity(of: work.seen.pointer, into: workspace.intensity.pointer, count: engine.plane.count)
      weights.withUnsafeBufferPointer { weights in
        guard let weights = weights.baseAddress else { return }
        detector.workspaces.borrow {
          detector.detector.adjoint(
            weights, intensity: workspace.intensity.pointer, into: plane, variables: nil, ofRegistration: false, $0)
        }
      }
      twin.encode(image, into: work.change.pointer, workspace)
      work.gradient.clear()
      twin.carryBack(
        plane, field: frame.light.field.pointer, light: work.change.pointer, before: layers.light(0, twin),
        through: layers.transmissions.pointer, addingTo: work.gradient.pointer, slope: work.slope, workspace
      ) { layer in
        guard let spline = twin.modulators[layer].map else { return }
        engine.unpack(real: work.slope.pointer, into: plane)
        found?[layer].phase = spline.transposed(plane, stride: 1)
      }
      let sum = workspace.field.pointer
      engine.unpack(complex: work.gradient.pointer, into: sum)
      ofSource = twin.illumination.mapDerivatives(sum)
      if twin.hops.entry == nil, let spline = twin.modulators[0].map {
        found?[0].phase = spline.transposed(sum + 1, stride: 2)
      }
    }
    (result.map, result.layers) = (ofSource, found)
  }

  /// Lends memory and the layers of a frame, unless it has no image.
  private func carrying(
    _ frame: Frame,
    _ body: (
      _ image: UnsafePointer<Scalar>, _ layers: LayersOfFrame<Scalar>, ProductWorkspace<Scalar>, Workspace<Scalar>
    ) -> Void
  ) {
    frame.input.values.withUnsafeBufferPointer { image in
      guard let image = image.baseAddress else { return }
      workspaces.borrow { work in
        twin.shared.workspaces.borrow { workspace in
          let layers = frame.layersKept ?? work.layers
          if frame.layersKept == nil { layers.fill(twin, frame.layers, image, workspace) }
          twin.prepareRepeated(image, workspace)
          body(image, layers, work, workspace)
        }
      }
    }
  }
}
