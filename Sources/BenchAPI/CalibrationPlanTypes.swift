/// The body of `GET /v1/calibrations/plan`: which routines have to run, in which order, so that all that can be known of the bench is in
/// force and nothing of it stale.
public struct CalibrationPlanResponse: Codable, Sendable, Equatable {
  /// A routine, and whether it runs.
  public struct Step: Codable, Sendable, Equatable {
    /// The name by which a `calibrate` job runs it.
    public var routine: String
    /// What it finds out, as ``CalibrationSummary/kind`` has it.
    public var kind: String
    public var state: State
    public var runs: Bool
    /// Why it is in that state, in words.
    public var reason: String?
    /// The calibration of its kind that is in force, and how old it is in seconds.
    public var calibration: String?
    public var age: Double?
    /// Seconds that the job took which found it.
    public var took: Double?

    public init(routine: String, kind: String, state: State, runs: Bool, reason: String? = nil) {
      (self.routine, self.kind, self.state, self.runs, self.reason) = (routine, kind, state, runs, reason)
    }
  }

  /// How a routine stands.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// What it finds is in force, and need not be found again.
    case inForce
    // These run.
    case missing, stale
    /// What it found builds on what is found again.
    case follows
    /// It was asked for, although it is in force.
    case asked
    // These do not.
    /// Another routine has found it, too.
    case covered
    /// It builds on what no routine here finds.
    case lacks
    case notApplicable, leftOut
  }

  /// In the order in which they run. One may occur twice: when another one needs it before something that it builds on is found again.
  public var steps: [Step]
  /// Why it is unknown which calibrations are in force, so that all seem to be missing; nil when all is well.
  public var problem: String?

  public init(steps: [Step], problem: String? = nil) {
    (self.steps, self.problem) = (steps, problem)
  }
}
