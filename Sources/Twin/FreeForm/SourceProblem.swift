import Arrays
import Fitting
import Optics

/// Frames against the twin, as a sum of squares over parameters and the source's map.
package struct SourceProblem: DifferentiableResiduals {
  let frames: FitProblem
  package let unknowns: SourceUnknowns
  private let single = SingleTwin()

  /// - Parameter frames: the frames, and what the parameters that do not move are.
  init(_ frames: FitProblem, _ unknowns: SourceUnknowns) { (self.frames, self.unknowns) = (frames, unknowns) }

  package init(
    twin: Twin<Double>, _ data: FitData, frames: [Int], fitsOffset: Bool, threads: Int, lack: Double? = nil,
    meter: FitMeter? = nil, _ unknowns: SourceUnknowns
  ) {
    let none = FrameBlur(sigma: 0)
    self.init(
      FitProblem(
        twin: twin, parameters: twin.parameters, moving: unknowns.moving,
        targets: frames.map { FrameTarget(data, frame: $0, blur: none, fitsOffset: fitsOffset, lack: lack) },
        block: data.block,
        blur: none, threads: threads, meter: meter), unknowns)
  }

  /// Residuals less what each frame's own gain and offset take.
  package var degrees: Double { frames.targets.reduce(0) { $0 + $1.degrees } }

  /// How much of the light the twin seems to lack, by residuals beyond the camera's noise of samples that all count alike.
  ///
  /// - Parameter residual: their mean square, as a part of the frames' variance.
  func lack(residual: Double, noise: FrameNoise?) -> Double {
    let contrasts = frames.targets.map { $0.deviation * $0.deviation / ($0.mean * $0.mean) }
    let contrast = contrasts.reduce(0, +) / Double(max(1, contrasts.count))
    let excess = max(0, residual - (frames.noiseFloor(noise) ?? 0)) * contrast
    return (1 + excess).squareRoot() - 1
  }

  /// The twin at a vector of unknowns.
  package func twin(at values: [Double]) throws(TwinError) -> Twin<Double> {
    try frames.twin.with(
      unknowns.parameters(at: values, in: frames.parameters), unknowns.forms(at: values))
  }

  package func cost(at values: [Double]) throws -> Double {
    guard let twin = try? twin(at: values) else { return .infinity }
    return try frames.costs(of: twin).reduce(0, +)
  }

  package func linearised(at values: [Double]) throws -> (residuals: [Double], jacobian: SourceJacobian<Float>) {
    let here = try twin(at: values)
    let jacobian = try jacobian(single.twin(here.description, here.parameters)) { ($0.single.pattern, $0.single.input) }
    return (jacobian.residuals, jacobian)
  }

  /// The derivatives in double precision, for those who compare.
  package func exact(at values: [Double]) throws -> SourceJacobian<Double> {
    try jacobian(twin(at: values)) { ($0.pattern, $0.input) }
  }

  private func jacobian<Scalar: OpticsScalar>(
    _ twin: Twin<Scalar>, _ shown: @Sendable (FrameTarget) -> (pattern: Stack<Scalar>, input: Stack<Scalar>)
  ) throws -> SourceJacobian<Scalar> {
    let products = try TwinProducts(twin, of: unknowns.moving.map(\.name))
    let work = FitWork.derivatives(of: unknowns.moving, sampling: frames.sampling)
    let parts = try frames.map(work) { _, target in
      let (pattern, input) = shown(target)
      let frame = try products.frame(layers: pattern, input: input, block: frames.block)
      let residuals = target.linearised(frame.samples.map { Double($0) })
      var normal = NormalEquations(unknowns: unknowns.moving.count)
      normal.add(
        residuals: residuals.residuals,
        columns: zip(frame.columns, unknowns.moving).map { column, parameter in
          residuals.product(column.map { Double($0) * parameter.scale })
        })
      return (part: SourceJacobian<Scalar>.Part(frame: frame, residuals: residuals), normal: normal)
    }
    var normal = NormalEquations(unknowns: unknowns.moving.count)
    for part in parts { normal.add(part.normal) }
    return SourceJacobian(
      products: products, parts: parts.map(\.part), unknowns: unknowns, curvature: normal.curvature,
      threads: frames.threads, meter: frames.meter, work: FitWork.product(sampling: frames.sampling))
  }

  package func preconditioner(_ jacobian: SourceJacobian<Float>, priors: PriorRows) throws -> Preconditioner {
    try SourcePreconditioner(jacobian, priors).result
  }
}
