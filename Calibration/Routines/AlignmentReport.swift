import Twin

/// The result of an alignment calibration.
public struct AlignmentReport: Sendable, Codable, Equatable {
  /// One parameter's result, in its SI unit.
  public struct Entry: Sendable, Codable, Equatable {
    public var name: String
    public var unit: String
    public var start: Double
    public var value: Double
    /// From the residuals of the fit; it knows of noise only, not of what the twin lacks.
    public var standardDeviation: Double
  }

  public var entries: [Entry]
  /// The calibrated parameters.
  public var parameters: TwinParameters
  /// Correlation matrix in the order of the entries, row-major.
  public var correlations: [Double]
  /// On held-out frames, with the start's and with the calibrated parameters.
  public var before: Discrepancy
  public var after: Discrepancy
  /// Whether the held-out discrepancy is small enough; a result that is not accepted must not be used.
  public var isAccepted: Bool
  /// Frames taken, those that saturated and were taken again with less light included.
  public var frames: Int
  public var iterations: Int
  /// What may be wrong with the bench when the result is not accepted, the likeliest first.
  public var suspicions: [Suspicion] = []

  /// - Parameter start: the values before any attempt; the fit may have begun elsewhere.
  init(_ fit: FitReport, start: TwinParameters, before: Discrepancy, acceptance: Double, frames: Int) {
    let isBetter = fit.after.pearson < before.pearson
    let best = isBetter ? fit.parameters : start
    parameters = best
    entries = fit.entries.map { entry in
      Entry(
        name: entry.name, unit: entry.unit, start: start[entry.name], value: best[entry.name],
        standardDeviation: entry.standardDeviation)
    }
    correlations = fit.correlations
    self.before = before
    after = isBetter ? fit.after : before
    isAccepted = after.pearson <= acceptance
    self.frames = frames
    iterations = fit.iterations
  }
}
