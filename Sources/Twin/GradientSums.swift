import Arrays
import Optics

/// What a gradient has to compute, from what its twin depends on.
struct GradientPlan: Sendable {
  let ofParameters: Bool
  /// Whether layers need the gradient of their complex transmission, not of its phase alone.
  let isComplex: Bool
  let ofIllumination: Bool
  let ofDetector: Bool
  /// Whether a variable of where the detector lies is among them: the derivative that costs most.
  let ofRegistration: Bool
  let ofRepeatedInput: Bool
  /// The hops whose phase has derivatives, each distinct one once.
  let hops: [Hop]
  /// For the entry hop and the hop behind each layer its place in `hops`.
  let entry: Int?
  let behindLayer: [Int?]
  /// Whether the adjoint field is wanted on an input plane apart from the first layer. Where the input is imaged on the first
  /// layer, that layer's complex gradient tells what the illumination needs.
  let reachesInput: Bool

  init<Scalar>(
    ofParameters: Bool, _ parameters: TwinParameters, _ path: OpticalPath,
    _ modulators: [LayerModulator<Scalar>],
    _ illumination: Illumination, _ repeatedInput: RepeatedInput?
  ) {
    self.ofParameters = ofParameters
    ofRepeatedInput = ofParameters && repeatedInput?.hasDerivatives == true
    ofIllumination = ofParameters && illumination.hasDerivatives
    isComplex =
      modulators.contains { ofParameters ? $0.needsComplexGradient : !$0.isPhaseOnly }
      || (ofIllumination && path.entry == nil)
    let variables = DetectorVariables.Index.allCases.filter {
      ofParameters && !parameters.dependent($0.parameterName).slopes.isEmpty
    }
    ofDetector = !variables.isEmpty
    ofRegistration = variables.contains(where: \.isRegistration)
    var distinct: [Hop] = []
    func place(_ hop: Hop) -> Int? {
      guard ofParameters, hop.hasDerivatives else { return nil }
      if let index = distinct.firstIndex(of: hop) { return index }
      distinct.append(hop)
      return distinct.count - 1
    }
    entry = path.entry.flatMap(place)
    behindLayer = path.hops.map(place)
    hops = distinct
    reachesInput = path.entry != nil && (entry != nil || ofIllumination)
  }
}

/// The sums of a gradient over the groups of a batch.
final class GradientSums<Scalar: OpticsScalar>: Sendable {
  let groups: [GradientSum<Scalar>]
  private let isComplex: Bool
  private let spectra: Int
  private let ofIllumination: Bool

  init(_ plan: GradientPlan, groups count: Int, layers: Int, engine: any PropagationEngine<Scalar>) {
    isComplex = plan.isComplex
    spectra = plan.hops.count
    ofIllumination = plan.ofIllumination
    groups = (0..<count).map { _ in GradientSum(plan, layers: layers, engine: engine) }
  }

  func suits(_ plan: GradientPlan, groups count: Int) -> Bool {
    count == groups.count && isComplex == plan.isComplex && spectra == plan.hops.count
      && ofIllumination == plan.ofIllumination
  }
}

/// The sums over one group of images, in the engine's order.
final class GradientSum<Scalar: OpticsScalar>: Sendable {
  /// For each layer ∂L/∂φ of its samples, or the complex gradient by its transmission.
  let layers: [AlignedBuffer<Scalar>]
  /// The derivative by the phase of each distinct hop's transfer function.
  let spectra: [AlignedBuffer<Scalar>]
  /// Σ conj(U)·A on the input plane.
  let illumination: AlignedBuffer<Scalar>
  /// By ``DetectorVariables/Index``.
  let detector: AlignedBuffer<Double>
  /// By the scale of the repeated input.
  let repeated: AlignedBuffer<Double>

  init(_ plan: GradientPlan, layers count: Int, engine: any PropagationEngine<Scalar>) {
    layers = (0..<count).map { _ in AlignedBuffer(count: (plan.isComplex ? 2 : 1) * engine.planeCount) }
    spectra = plan.hops.map { _ in AlignedBuffer(count: engine.spectrumCount) }
    illumination = AlignedBuffer(count: plan.ofIllumination ? 2 * engine.planeCount : 0)
    detector = AlignedBuffer(count: DetectorVariables.Index.allCases.count)
    repeated = AlignedBuffer(count: 1)
  }

  func clear() {
    for buffer in layers { buffer.clear() }
    for buffer in spectra { buffer.clear() }
    illumination.clear()
    detector.clear()
    repeated.clear()
  }

  func add(_ other: GradientSum) {
    for (mine, theirs) in zip(layers, other.layers) { mine.add(theirs) }
    for (mine, theirs) in zip(spectra, other.spectra) { mine.add(theirs) }
    illumination.add(other.illumination)
    detector.add(other.detector)
    repeated.add(other.repeated)
  }
}

extension AlignedBuffer where Scalar: OpticsScalar {
  func clear() { pointer.update(repeating: 0, count: count) }

  func add(_ other: AlignedBuffer) {
    for index in 0..<count { pointer[index] += other.pointer[index] }
  }
}
