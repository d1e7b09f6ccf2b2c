import Foundation

/// A line of the ledger of drift: what a probe found, or what became of a calibration that was made because of it.
public struct DriftRecord: Codable, Sendable, Equatable {
  public struct Reading: Codable, Sendable, Equatable {
    /// 1 − Pearson between twin and bench, and what noise alone would make of it.
    public var discrepancy: Double
    public var noiseFloor: Double
    /// The discrepancy when the calibration began, which later ones are compared with.
    public var start: Double
    public var frames: Int
    /// Seconds of the bench's clock.
    public var benchTime: Double
    /// The group of parameters that explains it, and the discrepancy that is expected with it found again.
    public var group: String?
    public var expected: Double?

    public init(discrepancy: Double, noiseFloor: Double, start: Double, frames: Int, benchTime: Double) {
      (self.discrepancy, self.noiseFloor, self.start) = (discrepancy, noiseFloor, start)
      (self.frames, self.benchTime) = (frames, benchTime)
    }
  }

  public struct Refinement: Codable, Sendable, Equatable {
    /// The job.
    public var run: String
    public var group: String
    /// How it ended; nil when it began.
    public var state: String?
    /// On frames that were not fitted; nil when nothing better was found.
    public var before: Double?
    public var after: Double?
    /// Why nothing was put in force.
    public var reason: String?

    public init(run: String, group: String, state: String? = nil) {
      (self.run, self.group, self.state) = (run, group, state)
    }
  }

  public var date: Date
  /// The bench, by ``BenchHash/of(_:)`` of its twin's description.
  public var bench: String
  /// The calibrations in force, the oldest first.
  public var calibrations: [String]
  public var reading: Reading?
  public var refinement: Refinement?

  public init(
    date: Date, bench: String, calibrations: [String], reading: Reading? = nil, refinement: Refinement? = nil
  ) {
    (self.date, self.bench, self.calibrations) = (date, bench, calibrations)
    (self.reading, self.refinement) = (reading, refinement)
  }
}
