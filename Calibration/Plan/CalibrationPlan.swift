/// What a calibration of all of a bench does: which routines run, in which order and why, and why the others do not. When all that run
/// succeed, nothing that is in force is stale, and another plan would run nothing.
public struct CalibrationPlan: Sendable {
  /// A calibration in force.
  public struct Present: Sendable {
    public var kind: ProductKind
    /// What others name it by, and what it names as its parents.
    public var hash: String
    public var parents: [String]
    /// Why it should be made again, in words; nil when it need not.
    public var staleness: String?

    public init(kind: ProductKind, hash: String, parents: [String] = [], staleness: String? = nil) {
      (self.kind, self.hash, self.parents, self.staleness) = (kind, hash, parents, staleness)
    }
  }

  /// How a routine stands.
  public enum State: Sendable, Equatable {
    /// What it finds is in force and not stale.
    case inForce
    case missing
    case stale(String)
    /// What it found builds on these, which are found again.
    case follows([ProductKind])
    /// It is in force, and was asked for all the same.
    case asked
    /// What it would find is known from another kind.
    case covered(ProductKind)
    /// It builds on what is not known, and what nothing here finds.
    case lacks([ProductKind])
    /// It cannot run on this bench.
    case notApplicable(String)
    /// It was left out by request.
    case leftOut

    public var runs: Bool {
      switch self {
      case .missing, .stale, .follows, .asked: true
      case .inForce, .covered, .lacks, .notApplicable, .leftOut: false
      }
    }
  }

  public struct Step: Sendable {
    public let routine: any CalibrationRoutine.Type
    public let state: State
  }

  /// Those that run in the order in which they do, the others between them. A routine may occur twice: when another one needs it before
  /// something that it builds on is found again.
  public let steps: [Step]

  /// - Parameters:
  ///   - inForce: one of a kind at most.
  ///   - asked: names of routines that run also when what they find is in force.
  ///   - without: names of routines that do not run.
  public init(
    _ routines: [any CalibrationRoutine.Type], on bench: StatedBench, inForce: [Present], asked: Set<String> = [],
    without: Set<String> = []
  ) {
    let order = RoutineOrder(routines)
    var planning = Planning(givers: order.givers, bench: bench, asked: asked, without: without, inForce: inForce)
    for routine in order.sorted { planning.visit(routine) }
    steps = planning.steps
  }
}
