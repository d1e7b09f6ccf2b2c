import Foundation
import Measuring

/// A calibration as `GET /v1/calibrations` lists it.
public struct CalibrationSummary: Codable, Sendable, Equatable {
  public var id: String
  public var date: Date
  /// Seconds.
  public var age: Double
  /// Whether the daemon computes with it.
  public var inForce: Bool
  /// Whether it should be made again, and why.
  public var stale: Bool
  public var reason: String?
  /// What programs decide by: `calibration.stale.bench` and so on, see ``Cause``; absent when it is not stale.
  public var cause: String?
  /// What was found out: `twin`, `alignment` and so on.
  public var kind: String
  /// The routine that found it, with its seed; these are absent in calibrations of version 0.1.
  public var routine: String?
  public var seed: UInt64?
  /// SHA-256 of what was found, and of what it builds on.
  public var contentHash: String?
  public var parents: [String]?
  /// The serial numbers of the devices by their role.
  public var serials: [String: String]?
  /// The job that found it.
  public var run: String
  /// 1 − Pearson between twin and bench on frames that were held out.
  /// Absent where nothing was predicted.
  public var discrepancyBefore: Double?
  public var discrepancyAfter: Double?
  /// `complete` or `sufficient`; this and the next two are absent in calibrations of earlier versions.
  public var verdict: String?
  /// The residuals in units of what the camera's noise explains.
  public var noiseRatio: Double?
  /// In words, what the frames hardly told apart; the worst first.
  public var weaknesses: [String]?
  public var parameters: [Estimate]

  public init(
    id: String, date: Date, age: Double, inForce: Bool, reason: String?, cause: String? = nil, kind: String,
    run: String, discrepancyBefore: Double?, discrepancyAfter: Double?, verdict: String? = nil,
    noiseRatio: Double? = nil, weaknesses: [String]? = nil,
    parameters: [Estimate]
  ) {
    self.verdict = verdict
    self.noiseRatio = noiseRatio
    self.weaknesses = weaknesses
    self.id = id
    self.date = date
    self.age = age
    self.inForce = inForce
    self.stale = reason != nil
    self.reason = reason
    self.cause = cause
    self.kind = kind
    self.run = run
    self.discrepancyBefore = discrepancyBefore
    self.discrepancyAfter = discrepancyAfter
    self.parameters = parameters
  }
}

/// The body of `GET /v1/calibrations`, newest first.
public struct CalibrationList: Codable, Sendable, Equatable {
  public var calibrations: [CalibrationSummary]
  /// Why nobody can say which of them is in force; nil when all is well.
  public var problem: String?

  public init(calibrations: [CalibrationSummary], problem: String? = nil) {
    self.calibrations = calibrations
    self.problem = problem
  }
}

/// The body of `GET /v1/calibrations/export`.
public struct ExportedBench: Codable, Sendable, Equatable {
  /// A bench file with the calibrations in force and a simulation of the bench.
  public var text: String
  /// What the simulation cannot know, one sentence each.
  public var unknown: [String]

  public init(text: String, unknown: [String]) {
    self.text = text
    self.unknown = unknown
  }
}
