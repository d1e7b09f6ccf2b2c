import Twin

/// The result of an alignment calibration.
public struct AlignmentReport: Sendable, Codable, Equatable {
  /// One parameter's result, in its SI unit.
  public struct Entry: Sendable, Codable, Equatable {
    public var name: String
    public var unit: String
    public var start: Double
    public var value: Double
    /// Standard deviation from the residuals of the fit; it knows of noise only, not of what the twin lacks.
    public var standardDeviation: Double
  }

  public var entries: [Entry]
  /// The calibrated parameters.
  public var parameters: TwinParameters
  /// Correlation matrix in the order of the entries, row-major; empty when the fit is singular.
  public var correlations: [Double]
  /// On held-out frames, with the start's and with the calibrated parameters.
  public var before: Discrepancy
  public var after: Discrepancy
  /// Whether the held-out discrepancy is small enough; a result that is not accepted must not be used.
  public var isAccepted: Bool
  /// Frames taken, those that saturated and were taken again with less light included.
  public var frames: Int
  public var iterations: Int

  init(
    start: TwinParameters, solution: AlignmentFit.Solution, before: Discrepancy, after: Discrepancy,
    acceptance: Double, frames: Int
  ) {
    let count = start.all.count
    let isRegular = solution.covariance.count == count * count
    func deviation(_ index: Int) -> Double {
      isRegular ? max(0, solution.covariance[index * count + index]).squareRoot() : .infinity
    }
    entries = start.all.enumerated().map { index, parameter in
      Entry(
        name: parameter.name, unit: parameter.unit, start: parameter.value, value: solution.parameters[parameter.name],
        standardDeviation: isRegular ? deviation(index) * parameter.scale : parameter.maximum - parameter.minimum)
    }
    correlations =
      isRegular
      ? (0..<count * count).map { index in
        let product = deviation(index / count) * deviation(index % count)
        return product > 0 ? solution.covariance[index] / product : 0
      } : []
    parameters = solution.parameters
    self.before = before
    self.after = after
    isAccepted = after.pearson <= acceptance
    self.frames = frames
    iterations = solution.iterations
  }
}
