import Arrays
import Concurrency
import Optics

/// What all twins of one description share, whatever their parameters: the engine, the functions of position, and memory.
final class SharedParts<Scalar: OpticsScalar>: Sendable {
  let engine: any PropagationEngine<Scalar>
  let basis: PlaneBasis
  let medium: HopMedium
  let encoder: InputEncoder<Scalar>
  let workspaces: Pool<Workspace<Scalar>>
  let layerScratch: Pool<LayerScratch<Scalar>>
  private let constantWeights = Locked<[HopDerivative.Constant: AlignedBuffer<Double>]>([:])

  init(_ description: TwinDescription) throws(TwinError) {
    let geometry = description.geometry
    let plane = PlaneGrid(side: geometry.grid * geometry.sampling, pitch: geometry.pitch / Double(geometry.sampling))
    let engine: any PropagationEngine<Scalar>
    do {
      engine = try Engines.make(plane: plane, canvas: plane.padded(by: geometry.padding), choice: geometry.engine)
    } catch {
      throw .optics(error)
    }
    self.engine = engine
    basis = PlaneBasis(geometry)
    medium = HopMedium(geometry, canvas: engine.canvas)
    encoder = InputEncoder(description.input, grid: geometry.grid, sampling: geometry.sampling)
    let repeatsInput = description.input.repeatsInput
    workspaces = Pool { Workspace(engine, repeatsInput: repeatsInput) }
    layerScratch = Pool { LayerScratch(grid: geometry.grid, side: plane.width) }
  }

  /// A derivative of a hop's phase in the engine's order of frequencies.
  func weights(_ derivative: HopDerivative) -> AlignedBuffer<Double> {
    guard let constant = derivative.constant else { return engine.weights(derivative.value) }
    if let known = constantWeights.withLock({ $0[constant] }) { return known }
    let weights = engine.weights(derivative.value)
    constantWeights.withLock { $0[constant] = weights }
    return weights
  }
}
