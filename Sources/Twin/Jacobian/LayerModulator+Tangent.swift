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
  /// Whether the transmission changes along a direction.
  func depends(on direction: Direction) -> Bool {
    isTurned(direction) || isMoved(direction) || isFilled(direction) || response.depends(on: direction)
      || crosstalk.depends(on: direction)
  }

  private func isTurned(_ direction: Direction) -> Bool {
    ([plane.slopeX, plane.slopeY] + plane.aberrations.values).contains { $0.slope(along: direction) != nil }
  }

  private func isMoved(_ direction: Direction) -> Bool {
    [rotation, scale].contains { $0.slope(along: direction) != nil }
  }

  private func isFilled(_ direction: Direction) -> Bool {
    [fillFactor, zeroOrderPhase].contains { $0.slope(along: direction) != nil }
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

  /// The derivative of the transmission along a direction; interleaved row-major `[side, side]`.
  ///
  /// - Parameters:
  ///   - phases: as given to ``show(_:into:_:)``.
  ///   - shown: what it made of them.
  func tangent(
    along direction: Direction, phases: UnsafePointer<Scalar>, shown: ShownLayer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) {
    let count = side * side
    if innerTangent(along: direction, phases, shown, into: scratch.filled.pointer, scratch) {
      resample(scratch.filled.pointer, into: target)
    } else {
      target.update(repeating: 0, count: 2 * count)
    }
    if isMoved(direction) {
      resampling.addTangent(
        of: shown.filled.pointer, rotation: rotation.slope(along: direction) ?? 0,
        scale: scale.slope(along: direction) ?? 0,
        to: target)
    }
    if !planePhase.isEmpty { Scalar.multiply(target, by: shown.plane.pointer, into: target, count: count) }
    guard isTurned(direction) else { return }
    let slope = basis.phase(
      PlanePhase(
        slopeX: Dependent(plane.slopeX.slope(along: direction) ?? 0),
        slopeY: Dependent(plane.slopeY.slope(along: direction) ?? 0),
        aberrations: plane.aberrations.mapValues { Dependent($0.slope(along: direction) ?? 0) }))
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
    along direction: Direction, _ phases: UnsafePointer<Scalar>, _ shown: ShownLayer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) -> Bool {
    let slope = scratch.samples.pointer
    let shifts = phaseTangent(along: direction, phases, shown, into: slope, scratch)
    guard shifts || isFilled(direction) else { return false }
    let phasor = shown.phasor.pointer
    let (part, rest) = (Scalar(fillFactor.value), zeroOrder)
    let byFill = Scalar(fillFactor.slope(along: direction) ?? 0)
    let byRest = (1 - part) * Scalar(zeroOrderPhase.slope(along: direction) ?? 0)
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
    along direction: Direction, _ phases: UnsafePointer<Scalar>, _ shown: ShownLayer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) -> Bool {
    let isBent = response.depends(on: direction)
    let mixes = crosstalk.depends(on: direction)
    guard isBent || mixes else { return false }
    if isBent {
      var pixels = scratch.pixels.pointer
      response.tangent(along: direction, command: phases, into: pixels)
      if let kernel {
        kernel.apply(pixels, into: scratch.otherPixels.pointer, adjoint: false)
        pixels = scratch.otherPixels.pointer
      }
      spread(pixels, into: target)
      crosstalk.apply(target, scratch: scratch.work.pointer)
    } else {
      target.update(repeating: 0, count: side * side)
    }
    if mixes {
      crosstalk.addTangent(
        along: direction, of: shown.before.pointer, to: target, scratch: scratch.work.pointer,
        other: scratch.shown.pointer)
    }
    return true
  }
}
