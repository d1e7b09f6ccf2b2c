import Arrays
import Numerics
import Optics

/// What one layer shows for one pattern, as its derivatives need it. Planes are complex, interleaved, row-major, `[side, side]`
/// unless it is said otherwise.
final class ShownLayer<Scalar: OpticsScalar>: Sendable {
  /// Real, in radians: the phase before the crosstalk.
  let before: AlignedBuffer<Scalar>
  /// e^(iψ) of the shown phase ψ.
  let phasor: AlignedBuffer<Scalar>
  /// f·e^(iψ) + (1 − f)·e^(iψ₀), on the layer's own coordinates.
  let filled: AlignedBuffer<Scalar>
  /// The phasor of the plane's own phase; not set when it is flat and straight.
  let plane: AlignedBuffer<Scalar>
  /// What the light meets.
  let transmission: AlignedBuffer<Scalar>

  init(side: Int) {
    before = AlignedBuffer(count: side * side)
    phasor = AlignedBuffer(count: 2 * side * side)
    filled = AlignedBuffer(count: 2 * side * side)
    plane = AlignedBuffer(count: 2 * side * side)
    transmission = AlignedBuffer(count: 2 * side * side)
  }
}

extension LayerModulator {
  /// Whether the transmission depends on a parameter, by its index.
  func depends(on parameter: Int) -> Bool {
    isTurned(by: parameter) || isMoved(by: parameter) || isFilled(by: parameter) || response.depends(on: parameter)
      || crosstalk.width.slopes[parameter] != nil
  }

  private func isTurned(by parameter: Int) -> Bool {
    ([plane.slopeX, plane.slopeY] + plane.aberrations.values).contains { $0.slopes[parameter] != nil }
  }

  private func isMoved(by parameter: Int) -> Bool {
    [rotation, scale].contains { $0.slopes[parameter] != nil }
  }

  private func isFilled(by parameter: Int) -> Bool {
    [fillFactor, zeroOrderPhase].contains { $0.slopes[parameter] != nil }
  }

  /// Computes what the layer shows for commanded phases `[grid, grid]`.
  func show(_ phases: UnsafePointer<Scalar>, into shown: ShownLayer<Scalar>, _ scratch: LayerScratch<Scalar>) {
    let count = side * side
    show(phases, scratch)
    if crosstalk.width.isPresent { shown.before.pointer.update(from: scratch.before.pointer, count: count) }
    Scalar.phasor(of: scratch.shown.pointer, into: shown.phasor.pointer, count: count)
    fill(scratch.shown.pointer, into: shown.filled.pointer)
    resample(shown.filled.pointer, into: shown.transmission.pointer)
    guard !planePhase.isEmpty else { return }
    planePhase.withUnsafeBufferPointer { phase in
      guard let phase = phase.baseAddress else { return }
      Scalar.phasor(of: phase, into: shown.plane.pointer, count: count)
    }
    Scalar.multiply(
      shown.transmission.pointer, by: shown.plane.pointer, into: shown.transmission.pointer, count: count)
  }

  /// The derivative of the transmission by a parameter, by its index; interleaved row-major `[side, side]`.
  ///
  /// - Parameters:
  ///   - phases: as given to ``show(_:into:_:)``.
  ///   - shown: what it made of them.
  func tangent(
    by parameter: Int, phases: UnsafePointer<Scalar>, shown: ShownLayer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) {
    let count = side * side
    if innerTangent(by: parameter, phases, shown, into: scratch.filled.pointer, scratch) {
      resample(scratch.filled.pointer, into: target)
    } else {
      target.update(repeating: 0, count: 2 * count)
    }
    if isMoved(by: parameter) {
      resampling.addTangent(
        of: shown.filled.pointer, rotation: rotation.slopes[parameter] ?? 0, scale: scale.slopes[parameter] ?? 0,
        to: target)
    }
    if !planePhase.isEmpty { Scalar.multiply(target, by: shown.plane.pointer, into: target, count: count) }
    guard isTurned(by: parameter) else { return }
    let slope = basis.phase(
      PlanePhase(
        slopeX: Dependent(plane.slopeX.slopes[parameter] ?? 0), slopeY: Dependent(plane.slopeY.slopes[parameter] ?? 0),
        aberrations: plane.aberrations.mapValues { Dependent($0.slopes[parameter] ?? 0) }))
    let transmission = shown.transmission.pointer
    for sample in 0..<count {
      let turn = Scalar(slope[sample])
      target[2 * sample] -= turn * transmission[2 * sample + 1]
      target[2 * sample + 1] += turn * transmission[2 * sample]
    }
  }

  /// The derivative of what is on the layer's own coordinates.
  ///
  /// - Returns: false when there is none; the target is not set then.
  private func innerTangent(
    by parameter: Int, _ phases: UnsafePointer<Scalar>, _ shown: ShownLayer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) -> Bool {
    let slope = scratch.samples.pointer
    let shifts = phaseTangent(by: parameter, phases, shown, into: slope, scratch)
    guard shifts || isFilled(by: parameter) else { return false }
    let phasor = shown.phasor.pointer
    let (part, rest) = (Scalar(fillFactor.value), zeroOrder)
    let byFill = Scalar(fillFactor.slopes[parameter] ?? 0)
    let byRest = (1 - part) * Scalar(zeroOrderPhase.slopes[parameter] ?? 0)
    for sample in 0..<side * side {
      let (real, imaginary) = (phasor[2 * sample], phasor[2 * sample + 1])
      let turn = shifts ? part * slope[sample] : 0
      target[2 * sample] = byFill * (real - rest.real) - turn * imaginary - byRest * rest.imaginary
      target[2 * sample + 1] = byFill * (imaginary - rest.imaginary) + turn * real + byRest * rest.real
    }
    return true
  }

  /// The derivative of the shown phase of every sample.
  ///
  /// - Returns: false when there is none; the target is not set then.
  private func phaseTangent(
    by parameter: Int, _ phases: UnsafePointer<Scalar>, _ shown: ShownLayer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) -> Bool {
    let isBent = response.depends(on: parameter)
    let width = crosstalk.width.slopes[parameter]
    guard isBent || width != nil else { return false }
    if isBent {
      var pixels = scratch.pixels.pointer
      response.tangent(by: parameter, command: phases, into: pixels)
      if let kernel {
        kernel.apply(pixels, into: scratch.otherPixels.pointer, adjoint: false)
        pixels = scratch.otherPixels.pointer
      }
      spread(pixels, into: target)
      crosstalk.apply(target, scratch: scratch.work.pointer)
    } else {
      target.update(repeating: 0, count: side * side)
    }
    if let width {
      crosstalk.addTangent(
        of: shown.before.pointer, factor: Scalar(width), to: target, scratch: scratch.work.pointer,
        other: scratch.shown.pointer)
    }
    return true
  }
}
