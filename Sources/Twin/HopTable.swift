import Optics

/// The transfer functions of a path, each distinct one once.
struct HopTable<Scalar: OpticsScalar>: Sendable {
  private(set) var functions: [TransferFunction<Scalar>] = []
  /// The index of the entry hop's function, and of the one behind each layer.
  private(set) var entry: Int?
  private(set) var behindLayer: [Int] = []
  private var hops: [Hop] = []

  /// - Parameter old: functions that are still right are taken from there.
  init(_ path: OpticalPath, _ shared: SharedParts<Scalar>, reusing old: HopTable?) {
    entry = path.entry.map { add($0, shared, old) }
    behindLayer = path.hops.map { add($0, shared, old) }
  }

  private mutating func add(_ hop: Hop, _ shared: SharedParts<Scalar>, _ old: HopTable?) -> Int {
    if let index = hops.firstIndex(where: hop.isSameFunction) { return index }
    if let old, let index = old.hops.firstIndex(where: hop.isSameFunction) {
      functions.append(old.functions[index])
    } else {
      functions.append(shared.engine.makeTransfer(phase: shared.medium.phase(hop)))
    }
    hops.append(hop)
    return hops.count - 1
  }
}
