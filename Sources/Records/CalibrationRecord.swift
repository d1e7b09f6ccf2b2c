import Foundation
import Measuring

/// A calibration: what was found, on which bench, by which run.
public struct CalibrationRecord: Codable, Sendable, Equatable {
  /// A running number, as ``CalibrationShelf/nextIdentifier()`` gives it.
  public var id: String
  public var date: Date
  /// The bench, by ``BenchHash/of(_:)`` of its twin's description.
  public var benchHash: String
  /// The serial numbers of its devices by their role; absent in records of version 0.1, and where no device has one.
  public var serials: [String: String]?
  /// ``BenchHash/of(_:)`` of what the bench file says of devices and layout; absent in records of version 0.1.
  public var setup: String?
  /// What was found out; absent in records of version 0.1, which are of the kind ``twinKind``.
  public var kind: String?
  /// ``BenchHash/of(_:)`` of what was found, and of what it builds on. These and the next are absent in records of version 0.1.
  public var contentHash: String?
  public var parents: [String]?
  public var routine: String?
  public var seed: UInt64?
  public var revision: String?
  public var parameters: [Estimate]
  /// One minus Pearson's correlation between twin and bench on held-out frames; nil where nothing was predicted.
  public var discrepancyBefore: Double?
  public var discrepancyAfter: Double?
  /// What the fit said of the twin; absent in records of earlier versions.
  public var verdict: String?
  public var noiseRatio: Double?
  public var weaknesses: [String]?
  /// The job that calibrated.
  public var run: String
  /// The version of the software that did.
  public var software: String

  public init(
    id: String, date: Date, benchHash: String, parameters: [Estimate], discrepancyBefore: Double?,
    discrepancyAfter: Double?, verdict: String? = nil, noiseRatio: Double? = nil, weaknesses: [String]? = nil,
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

extension CalibrationRecord {
  /// The kind of a calibration of all parameters of the twin.
  public static let twinKind = "twin"

  public var bench: BenchIdentity { BenchIdentity(description: benchHash, serials: serials ?? [:]) }

  /// The name under which it is marked whether it is in force.
  public var slot: String { bench.slot(kind ?? Self.twinKind) }
}
