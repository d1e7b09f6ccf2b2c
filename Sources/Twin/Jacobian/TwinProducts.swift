import Arrays
import Concurrency
import Optics

/// How a twin changes along a direction, by names: how fast each parameter does, in its unit, and the source's map.
package struct TwinDirection: Sendable {
  package var parameters: [String: Double]
  package var map: SourceMap?

  package init(parameters: [String: Double] = [:], map: SourceMap? = nil) {
    self.parameters = parameters
    self.map = map
  }
}

/// Products of the derivatives of frames with vectors, J·v and Jᵀ·w.
///
/// Named parameters are few, and have columns (``TwinJacobian``). The coefficients of the source's map are many and have none: light is
/// linear in what happens on the input, so that a product needs one way to the camera, or one back, through layers that stay as they are.
///
/// Made once for a twin; frames may be used by several threads at a time. With S samples on the computed plane, L layers, and scalars of b
/// bytes, a frame with n samples and p named parameters keeps b·(2·S + n·(p + 2)) bytes: the light on the camera, columns, samples. Beside
/// these there are the transmissions of its layers, 2·b·L·S bytes, kept of as many frames as ``kept`` has room for and computed for
/// each product of the others, and for each thread the memory of one frame's derivatives (``JacobianWorkspace``, ``Tape``, and a
/// ``Workspace``), some b·S·(20·L + 30) bytes.
package struct TwinProducts<Scalar: OpticsScalar>: Sendable {
  private let twin: Twin<Scalar>
  private let jacobian: TwinJacobian<Scalar>
  private let room: Locked<Int>
  private let workspaces: Pool<ProductWorkspace<Scalar>>

  /// Bytes for the transmissions of all frames, unless it is said otherwise.
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
    fileprivate let transmissions: AlignedBuffer<Scalar>?

    /// Bytes that the frame keeps of the light and of the layers.
    package var planes: Int {
      (light.field.count + (transmissions?.count ?? 0)) * MemoryLayout<Scalar>.stride
    }
  }

  /// A direction, made ready for all frames.
  package struct Tangent: Sendable {
    /// In the order of the names.
    fileprivate let speeds: [Scalar]
    /// The change of the logarithm of the light on the input, complex in the engine's order; nil when the map stays.
    fileprivate let light: AlignedBuffer<Scalar>?
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
    let count = 2 * layers.count * twin.engine.planeCount
    let bytes = count * MemoryLayout<Scalar>.stride
    let isKept = room.withLock { room in
      guard room >= bytes else { return false }
      room -= bytes
      return true
    }
    let transmissions = isKept ? AlignedBuffer<Scalar>(count: count) : nil
    if let transmissions { twin.fill(transmissions, layers) }
    return Frame(
      samples: samples, columns: columns, light: light, layers: layers, input: input, transmissions: transmissions)
  }

  package func tangent(along direction: TwinDirection) -> Tangent {
    Tangent(
      speeds: jacobian.names.map { Scalar(direction.parameters[$0] ?? 0) }, light: direction.map.flatMap(lightChange))
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
      if let light = tangent.light { addChange(light, frame, to: base) }
      for (speed, column) in zip(tangent.speeds, frame.columns) where speed != 0 {
        column.withUnsafeBufferPointer { column in
          for sample in 0..<change.count { base[sample] += speed * column[sample] }
        }
      }
    }
    return change
  }

  /// The derivatives of Σ w·I over the samples of a frame, by every parameter of the names and by the map.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func transposedProduct(_ weights: [Scalar], _ frame: Frame) -> TwinDirection {
    var result = TwinDirection()
    for (name, column) in zip(jacobian.names, frame.columns) {
      result.parameters[name] = Self.product(column, weights)
    }
    result.map = mapDerivatives(weights, frame)
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

  // MARK: - The map

  /// The intensity of the light on the input of a frame, summed along y and along x, with 1 for the largest sums.
  package func inputProfiles(_ frame: Frame) -> (x: [Double], y: [Double]) {
    let side = twin.side
    var (x, y) = ([Double](repeating: 0, count: side), [Double](repeating: 0, count: side))
    carrying(frame) { image, _, work, workspace in
      twin.encode(image, into: work.change.pointer, workspace)
      twin.engine.unpack(complex: work.change.pointer, into: work.seen.pointer)
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

  /// Writes the change of the samples with the light on the input.
  private func addChange(
    _ change: AlignedBuffer<Scalar>, _ frame: Frame, to samples: UnsafeMutablePointer<Scalar>
  ) {
    carrying(frame) { image, transmissions, work, workspace in
      let engine = twin.engine
      let field = work.change.pointer
      twin.encode(image, into: field, workspace)
      engine.multiply(field, by: change.pointer, into: field)
      twin.carry(field, through: transmissions, workspace)
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

  /// Nil for a twin without a map.
  private func mapDerivatives(_ weights: [Scalar], _ frame: Frame) -> SourceMap? {
    guard twin.description.source.map != nil else { return nil }
    return carrying(frame) { image, transmissions, work, workspace in
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
        plane, field: frame.light.field.pointer, light: work.change.pointer, through: transmissions,
        addingTo: work.gradient.pointer, idle: work.idle.pointer, workspace)
      engine.unpack(complex: work.gradient.pointer, into: workspace.field.pointer)
      return twin.illumination.mapDerivatives(workspace.field.pointer)
    }.flatMap(\.self)
  }

  /// Lends memory and the transmissions of a frame.
  ///
  /// - Returns: nil for a frame without an image.
  @discardableResult
  private func carrying<Result>(
    _ frame: Frame,
    _ body: (
      _ image: UnsafePointer<Scalar>, _ transmissions: UnsafePointer<Scalar>, ProductWorkspace<Scalar>,
      Workspace<Scalar>
    ) -> Result
  ) -> Result? {
    frame.input.values.withUnsafeBufferPointer { image in
      image.baseAddress.map { image in
        workspaces.borrow { work in
          twin.shared.workspaces.borrow { workspace in
            let transmissions = frame.transmissions ?? work.transmissions
            if frame.transmissions == nil { twin.fill(transmissions, frame.layers) }
            twin.prepareRepeated(image, workspace)
            return body(image, UnsafePointer(transmissions.pointer), work, workspace)
          }
        }
      }
    }
  }
}

/// The memory in which one thread computes one product. Planes are complex, in the engine's order unless it is said otherwise.
private final class ProductWorkspace<Scalar: OpticsScalar>: @unchecked Sendable {
  let change: AlignedBuffer<Scalar>
  let gradient: AlignedBuffer<Scalar>
  /// Row-major.
  let seen: AlignedBuffer<Scalar>
  /// Real.
  let idle: AlignedBuffer<Scalar>
  /// Of all layers, made when they are first needed.
  private(set) lazy var transmissions = AlignedBuffer<Scalar>(count: layers * change.count)
  private let layers: Int

  init(_ twin: Twin<Scalar>) {
    let packed = 2 * twin.engine.planeCount
    (change, gradient) = (AlignedBuffer(count: packed), AlignedBuffer(count: packed))
    seen = AlignedBuffer(count: 2 * twin.engine.plane.count)
    idle = AlignedBuffer(count: twin.engine.planeCount)
    layers = twin.modulators.count
  }
}
