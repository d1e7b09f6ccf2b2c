import Arrays
import Numerics
import Optics

/// What one layer does to the light: from the commanded phases `[grid, grid]` to the complex transmission `[side, side]`, and
/// back from a gradient.
///
/// The commanded phase is wrapped, put into steps and bent (``PhaseResponse``), runs together with that of its neighbours
/// (``CrosstalkKernel``, ``Crosstalk``), fills a part of each pixel (the rest reflects with a phase of its own, the zero
/// order), sits turned and scaled on the beam (``PlaneResampling``), on a plane that is tilted and not flat (``PlanePhase``,
/// ``LayerMap``).
struct LayerModulator<Scalar: OpticsScalar>: Sendable {
  let response: PhaseResponse
  let kernel: CrosstalkKernel?
  let crosstalk: Crosstalk
  let fillFactor: Dependent
  let zeroOrderPhase: Dependent
  let rotation: Dependent
  let scale: Dependent
  let plane: PlanePhase

  let resampling: PlaneResampling<Scalar>
  let basis: PlaneBasis
  let side: Int
  /// Of the layer's map; nil without one.
  let map: BicubicSpline?
  /// The phase of the plane, `[side, side]`; empty when it is flat and straight.
  let planePhase: [Scalar]
  private let grid: Int
  private let sampling: Int

  init(
    _ description: TwinDescription, plane index: Int, phase plane: PlanePhase, _ parameters: TwinParameters,
    basis: PlaneBasis
  ) throws(TwinError) {
    let geometry = description.geometry
    grid = geometry.grid
    sampling = geometry.sampling
    side = basis.side
    self.basis = basis
    self.plane = plane
    response = PhaseResponse(description, plane: index, parameters)
    if let rows = description.modulator.crosstalkKernel {
      kernel = try CrosstalkKernel(rows, grid: grid)
    } else {
      kernel = nil
    }
    crosstalk = try Crosstalk(parameters, side: side, step: geometry.pitch / Double(sampling))
    fillFactor = parameters.dependent("fillFactor")
    zeroOrderPhase = parameters.dependent("zeroOrderPhase")
    rotation = parameters.dependent("plane\(index + 1)Rotation")
    scale = parameters.dependent("plane\(index + 1)Scale")
    resampling = try PlaneResampling(
      side: side, center: geometry.originIndex, rotation: rotation.value, scale: scale.value)
    var phase = basis.phase(plane)
    let free = description.modulator.maps?[index]
    let spline = free.map { BicubicSpline(fineness: $0.fineness, side: basis.side) }
    map = spline
    if let free, let own = spline?.values(free.phase) {
      for sample in phase.indices { phase[sample] += own[sample] }
    }
    planePhase = phase.contains { $0 != 0 } ? phase.map { Scalar($0) } : []
  }

  /// Whether the transmission has unit modulus, so that gradients by phases are all there is.
  var isPhaseOnly: Bool { fillFactor.value == 1 && resampling.isIdentity }

  /// Whether the derivatives by the layer's own quantities need the complex gradient of its transmission.
  var needsComplexGradient: Bool {
    !isPhaseOnly || [fillFactor, zeroOrderPhase, rotation, scale].contains { !$0.slopes.isEmpty }
  }

  /// Whether the shown phase is not the commanded one.
  private var shiftsPhases: Bool { !response.isIdentity || kernel != nil || crosstalk.width.isPresent }

  // MARK: - Forward

  /// Writes the transmission, interleaved row-major `[side, side]`, for commanded phases `[grid, grid]`.
  func transmission(
    _ phases: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, _ scratch: LayerScratch<Scalar>
  ) {
    show(phases, scratch)
    let shown = scratch.shown.pointer
    if isPhaseOnly {
      addPlanePhase(to: shown)
      Scalar.phasor(of: shown, into: target, count: side * side)
      return
    }
    fill(shown, into: scratch.filled.pointer)
    resample(scratch.filled.pointer, into: target)
    multiplyPlanePhasor(target, conjugate: false, scratch)
  }

  /// The shown phase of every sample, from the commanded one of every pixel.
  func show(_ phases: UnsafePointer<Scalar>, _ scratch: LayerScratch<Scalar>) {
    var pixels = phases
    if shiftsPhases {
      response.apply(phases, shown: scratch.pixels.pointer, slope: scratch.slope.pointer)
      pixels = UnsafePointer(scratch.pixels.pointer)
      if let kernel {
        kernel.apply(pixels, into: scratch.otherPixels.pointer, adjoint: false)
        pixels = UnsafePointer(scratch.otherPixels.pointer)
      }
    }
    let shown = scratch.shown.pointer
    spread(pixels, into: shown)
    if crosstalk.width.isPresent {
      scratch.before.pointer.update(from: shown, count: side * side)
      crosstalk.apply(shown, scratch: scratch.work.pointer)
    }
  }

  /// Gives every sample what its pixel has.
  func spread(_ pixels: UnsafePointer<Scalar>, into samples: UnsafeMutablePointer<Scalar>) {
    for y in 0..<side {
      let row = pixels + y / sampling * grid
      if sampling == 1 {
        (samples + y * side).update(from: row, count: side)
      } else {
        for x in 0..<side { samples[y * side + x] = row[x / sampling] }
      }
    }
  }

  private func addPlanePhase(to phase: UnsafeMutablePointer<Scalar>) {
    guard !planePhase.isEmpty else { return }
    planePhase.withUnsafeBufferPointer { plane in
      guard let plane = plane.baseAddress else { return }
      for sample in 0..<side * side { phase[sample] += plane[sample] }
    }
  }

  private func multiplyPlanePhasor(
    _ field: UnsafeMutablePointer<Scalar>, conjugate: Bool, _ scratch: LayerScratch<Scalar>
  ) {
    guard !planePhase.isEmpty else { return }
    let phasor = scratch.filled.pointer
    planePhase.withUnsafeBufferPointer { plane in
      guard let plane = plane.baseAddress else { return }
      Scalar.phasor(of: plane, into: phasor, count: side * side)
    }
    if conjugate {
      Scalar.multiplyConjugate(field, by: phasor, count: side * side)
    } else {
      Scalar.multiply(field, by: phasor, into: field, count: side * side)
    }
  }

  var zeroOrder: Complex<Scalar> { Complex(length: 1, phase: Scalar(zeroOrderPhase.value)) }

  /// f·e^(iψ) + (1 − f)·e^(iψ₀).
  func fill(_ shown: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>) {
    Scalar.phasor(of: shown, into: target, count: side * side)
    let part = Scalar(fillFactor.value)
    let rest = zeroOrder
    guard part != 1 else { return }
    for sample in 0..<side * side {
      target[2 * sample] = part * target[2 * sample] + (1 - part) * rest.real
      target[2 * sample + 1] = part * target[2 * sample + 1] + (1 - part) * rest.imaginary
    }
  }

  func resample(_ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>) {
    if resampling.isIdentity {
      target.update(from: source, count: 2 * side * side)
    } else {
      resampling.forward(source, into: target)
    }
  }

  // MARK: - Gradient

  /// The gradient by the commanded phases, `[grid, grid]`, from that by the phase of a unit transmission, `[side, side]`
  /// (used up); adds the derivatives by the layer's quantities to `parameters`.
  func phaseGradient(
    _ gradient: UnsafeMutablePointer<Scalar>, phases: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>,
    parameters: inout ParameterGradient, _ scratch: LayerScratch<Scalar>
  ) {
    if parameters.isWanted {
      basis.derivatives(plane, gradient) { parameters.add($0, $1) }
      if crosstalk.hasDerivatives { show(phases, scratch) }
    }
    unshow(gradient, phases: phases, into: result, parameters: &parameters, scratch)
  }

  /// As ``phaseGradient(_:phases:into:parameters:_:)``, from the complex gradient g by the transmission, dL = Re Σ conj(g)·dt,
  /// interleaved `[side, side]` (used up).
  func transmissionGradient(
    _ gradient: UnsafeMutablePointer<Scalar>, phases: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>,
    parameters: inout ParameterGradient, _ scratch: LayerScratch<Scalar>
  ) {
    multiplyPlanePhasor(gradient, conjugate: true, scratch)
    show(phases, scratch)
    let (shown, filled) = (scratch.shown.pointer, scratch.filled.pointer)
    fill(shown, into: filled)
    if parameters.isWanted { placeDerivatives(gradient, of: filled, scratch, &parameters) }
    var inner = gradient
    if !resampling.isIdentity {
      resampling.adjoint(gradient, into: scratch.other.pointer)
      inner = scratch.other.pointer
    }
    Scalar.phasor(of: shown, into: filled, count: side * side)
    if parameters.isWanted { fillDerivatives(inner, phasor: filled, &parameters) }
    // ψ only turns its part of the transmission: dL/dψ = Im(conj(f·e^(iψ))·g).
    let part = Scalar(fillFactor.value)
    let slope = scratch.samples.pointer
    for sample in 0..<side * side {
      slope[sample] =
        part * (filled[2 * sample] * inner[2 * sample + 1] - filled[2 * sample + 1] * inner[2 * sample])
    }
    unshow(slope, phases: phases, into: result, parameters: &parameters, scratch)
  }

  /// From the gradient by the shown phase of every sample to that by the commanded phases. `scratch.before` holds the phase
  /// before the crosstalk when its derivative is wanted.
  private func unshow(
    _ gradient: UnsafeMutablePointer<Scalar>, phases: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>,
    parameters: inout ParameterGradient, _ scratch: LayerScratch<Scalar>
  ) {
    if parameters.isWanted {
      crosstalk.derivatives(
        scratch.before.pointer, gradient, scratch: scratch.work.pointer, other: scratch.shown.pointer
      ) { parameters.add($0, $1) }
    }
    crosstalk.apply(gradient, scratch: scratch.work.pointer, adjoint: true)
    var pixels = scratch.pixels.pointer
    pool(gradient, into: pixels)
    if let kernel {
      kernel.apply(pixels, into: scratch.otherPixels.pointer, adjoint: true)
      pixels = scratch.otherPixels.pointer
    }
    guard shiftsPhases else { return result.update(from: pixels, count: grid * grid) }
    if parameters.isWanted { response.derivatives(command: phases, pixels) { parameters.add($0, $1) } }
    // The derivative comes with the shown phases, which are not wanted any more.
    response.apply(phases, shown: scratch.work.pointer, slope: scratch.slope.pointer)
    for pixel in 0..<grid * grid { result[pixel] = scratch.slope.pointer[pixel] * pixels[pixel] }
  }

  /// The derivatives by where the layer sits: by its plane's phase θ, Im(conj(b)·g) at every sample with b the resampled
  /// transmission before that phase, and by rotation and scale.
  private func placeDerivatives(
    _ gradient: UnsafePointer<Scalar>, of filled: UnsafePointer<Scalar>, _ scratch: LayerScratch<Scalar>,
    _ parameters: inout ParameterGradient
  ) {
    resample(filled, into: scratch.other.pointer)
    let placed = scratch.other.pointer
    let slope = scratch.samples.pointer
    for sample in 0..<side * side {
      slope[sample] = placed[2 * sample] * gradient[2 * sample + 1] - placed[2 * sample + 1] * gradient[2 * sample]
    }
    basis.derivatives(plane, slope) { parameters.add($0, $1) }
    guard !rotation.slopes.isEmpty || !scale.slopes.isEmpty else { return }
    let derivative = resampling.gradient(gradient, of: filled)
    parameters.add(rotation, derivative.rotation)
    parameters.add(scale, derivative.scale)
  }

  /// The derivatives by fill factor and zero order.
  private func fillDerivatives(
    _ gradient: UnsafePointer<Scalar>, phasor: UnsafePointer<Scalar>, _ parameters: inout ParameterGradient
  ) {
    guard !fillFactor.slopes.isEmpty || !zeroOrderPhase.slopes.isEmpty else { return }
    let rest = zeroOrder
    var (byFill, byPhase) = (0.0, 0.0)
    for sample in 0..<side * side {
      let (re, im) = (gradient[2 * sample], gradient[2 * sample + 1])
      byFill += Double(re * (phasor[2 * sample] - rest.real) + im * (phasor[2 * sample + 1] - rest.imaginary))
      byPhase += Double(rest.real * im - rest.imaginary * re)
    }
    parameters.add(fillFactor, byFill)
    parameters.add(zeroOrderPhase, (1 - fillFactor.value) * byPhase)
  }

  /// Sums samples over pixels.
  private func pool(_ samples: UnsafePointer<Scalar>, into pixels: UnsafeMutablePointer<Scalar>) {
    if sampling == 1 { return pixels.update(from: samples, count: grid * grid) }
    pixels.update(repeating: 0, count: grid * grid)
    for y in 0..<side {
      let row = samples + y * side
      let out = pixels + y / sampling * grid
      for x in 0..<side { out[x / sampling] += row[x] }
    }
  }
}
