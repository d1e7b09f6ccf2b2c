import Concurrency
import Optics

/// What all twins of one description share, whatever their parameters: the engine, the functions of position, and memory.
final class TwinFrame<Scalar: OpticsScalar>: Sendable {
  let engine: any PropagationEngine<Scalar>
  let basis: PlaneBasis
  let medium: HopMedium
  let encoder: Encoder<Scalar>
  let workspaces: Pool<Workspace<Scalar>>
  let layerScratch: Pool<LayerScratch<Scalar>>

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
    encoder = Encoder(description.input, grid: geometry.grid, sampling: geometry.sampling)
    let repeatsInput = description.input.repeatsInput
    workspaces = Pool { Workspace(engine, repeatsInput: repeatsInput) }
    layerScratch = Pool { LayerScratch(grid: geometry.grid, side: plane.width) }
  }
}

/// The transfer functions of a path, each distinct one once.
struct HopTable<Scalar: OpticsScalar>: Sendable {
  private(set) var functions: [TransferFunction<Scalar>] = []
  /// The index of the entry hop's function, and of the one behind each layer.
  private(set) var entry: Int?
  private(set) var behindLayer: [Int] = []
  private var hops: [Hop] = []

  /// - Parameter old: functions that are still right are taken from there.
  init(_ path: OpticalPath, _ frame: TwinFrame<Scalar>, reusing old: HopTable?) {
    entry = path.entry.map { add($0, frame, old) }
    behindLayer = path.hops.map { add($0, frame, old) }
  }

  private mutating func add(_ hop: Hop, _ frame: TwinFrame<Scalar>, _ old: HopTable?) -> Int {
    if let index = hops.firstIndex(where: hop.isSameFunction) { return index }
    if let old, let index = old.hops.firstIndex(where: hop.isSameFunction) {
      functions.append(old.functions[index])
    } else {
      functions.append(frame.engine.makeTransfer(phase: frame.medium.phase(hop)))
    }
    hops.append(hop)
    return hops.count - 1
  }
}

/// The detector for each block size that was asked for, with the memory that it works in.
final class DetectorShelf<Scalar: OpticsScalar>: Sendable {
  struct Entry: Sendable {
    let detector: Detector<Scalar>
    let workspaces: Pool<DetectorWorkspace<Scalar>>
  }

  private let description: TwinDescription
  private let variables: DetectorVariables
  private let entries = Locked<[Int: Entry]>([:])

  init(_ description: TwinDescription, _ variables: DetectorVariables) {
    self.description = description
    self.variables = variables
  }

  func entry(block: Int?) throws(TwinError) -> Entry {
    let key = block ?? Int.min
    if let known = entries.withLock({ $0[key] }) { return known }
    let detector = try Detector<Scalar>(
      description.detector, variables: variables, block: block, geometry: description.geometry)
    let entry = Entry(detector: detector, workspaces: Pool { detector.makeWorkspace() })
    entries.withLock { $0[key] = entry }
    return entry
  }
}
