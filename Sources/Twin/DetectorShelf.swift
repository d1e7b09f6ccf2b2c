import Concurrency
import Optics

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
