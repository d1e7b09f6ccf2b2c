import Foundation

/// What a probe between jobs found.
public struct DriftReading: Codable, Sendable, Equatable {
  public var date: Date
  /// The calibrations in force, the oldest first.
  public var calibrations: [String]
  /// 1 − Pearson between twin and bench on the patterns of the probe.
  public var discrepancy: Double
  /// What the camera's noise alone would make of it.
  public var noiseFloor: Double
  /// The discrepancy at the start of the calibration.
  public var start: Double
  public var frames: Int
  /// Seconds of the bench's clock.
  public var benchTime: Double
  /// The group of parameters that explains best how the bench has drifted, and the discrepancy that is expected with it found again;
  /// absent where the bench has not drifted, or no group explains it.
  public var group: String?
  public var expected: Double?

  public init(
    date: Date, calibrations: [String], discrepancy: Double, noiseFloor: Double, start: Double, frames: Int,
    benchTime: Double, group: String? = nil, expected: Double? = nil
  ) {
    (self.date, self.calibrations) = (date, calibrations)
    (self.discrepancy, self.noiseFloor, self.start) = (discrepancy, noiseFloor, start)
    (self.frames, self.benchTime, self.group, self.expected) = (frames, benchTime, group, expected)
  }

  /// The discrepancy beside that of the start.
  public var ratio: Double { start > 0 ? discrepancy / start : 1 }
}

/// A calibration that odud made because the bench had drifted.
public struct DriftRefinement: Codable, Sendable, Equatable {
  /// When it began, or ended when it has.
  public var date: Date
  /// The job.
  public var run: String
  public var group: String
  /// How the job ended; absent as long as it has not.
  public var state: JobState?
  /// On frames that were not fitted; absent when nothing was put in force.
  public var before: Double?
  public var after: Double?
  /// Why nothing was put in force.
  public var reason: String?

  public init(
    date: Date, run: String, group: String, state: JobState? = nil, before: Double? = nil, after: Double? = nil,
    reason: String? = nil
  ) {
    (self.date, self.run, self.group, self.state) = (date, run, group, state)
    (self.before, self.after, self.reason) = (before, after, reason)
  }
}

/// The body of `GET /v1/drift`.
public struct DriftResponse: Codable, Sendable, Equatable {
  /// What the bench file asks for: `never`, `ask` or `automatic`, the seconds between probes, and the ratio that is too much. Absent
  /// when it asks for no probes.
  public var policy: String?
  public var every: Double?
  public var threshold: Double?
  /// Whether the last probe found more than that.
  public var drifted: Bool
  /// What would calibrate the group again that has drifted.
  public var advice: JobRequest?
  /// Oldest first, also those of earlier calibrations.
  public var readings: [DriftReading]
  public var refinements: [DriftRefinement]
  /// Why there are no newer readings; absent when all is well.
  public var problem: String?

  public init(
    policy: String? = nil, every: Double? = nil, threshold: Double? = nil, drifted: Bool = false,
    advice: JobRequest? = nil, readings: [DriftReading] = [], refinements: [DriftRefinement] = [],
    problem: String? = nil
  ) {
    (self.policy, self.every, self.threshold, self.drifted) = (policy, every, threshold, drifted)
    (self.advice, self.readings, self.refinements, self.problem) = (advice, readings, refinements, problem)
  }
}
