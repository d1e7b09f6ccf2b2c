import BenchAPI
import Foundation
import Measuring

/// A calibration: what was found, on which bench, by which run.
public struct CalibrationRecord: Codable, Sendable, Equatable {
  /// A running number, as ``CalibrationShelf/nextIdentifier()`` gives it.
  public var id: String
  public var date: Date
  /// The bench, by ``BenchHash/of(_:)`` of its twin's description.
  public var benchHash: String
  public var parameters: [Estimate]
  /// One minus Pearson's correlation between twin and bench on held-out frames.
  public var discrepancyBefore: Double
  public var discrepancyAfter: Double
  /// What the fit said of the twin; absent in records of earlier versions.
  public var verdict: String?
  public var noiseRatio: Double?
  public var weaknesses: [String]?
  /// The job that calibrated.
  public var run: String
  /// The version of the software that did.
  public var software: String

  public init(
    id: String, date: Date, benchHash: String, parameters: [Estimate], discrepancyBefore: Double,
    discrepancyAfter: Double, verdict: String? = nil, noiseRatio: Double? = nil, weaknesses: [String]? = nil,
    run: String, software: String
  ) {
    self.verdict = verdict
    self.noiseRatio = noiseRatio
    self.weaknesses = weaknesses
    self.id = id
    self.date = date
    self.benchHash = benchHash
    self.parameters = parameters
    self.discrepancyBefore = discrepancyBefore
    self.discrepancyAfter = discrepancyAfter
    self.run = run
    self.software = software
  }
}
