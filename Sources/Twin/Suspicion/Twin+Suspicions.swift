import Arrays
import Measuring

extension Twin where Scalar == Double {
  /// What may be wrong with the bench, after a fit of this twin to its frames was refused; the likeliest first, none when
  /// nothing explains the frames clearly better than the fit.
  ///
  /// It takes about as long as a fit of the alignment or two.
  ///
  /// - Parameters:
  ///   - refused: the discrepancy of the fit, on the held-out frames when there are some.
  ///   - orientation: how the camera is believed to show the plane; the frames have been laid upright by it.
  ///   - progress: the trials that are done, and how many there are.
  /// - Throws: ``FitError`` and ``TwinError`` for what cannot be fitted at all; `CancellationError`.
  public func suspicions(
    _ data: FitData, refused: Discrepancy, orientation: Orientation = .upright,
    progress: (_ done: Int, _ trials: Int) -> Void = { _, _ in }
  ) throws -> [Suspicion] {
    try data.validate(for: self)
    let bench = try SuspectBench(self, data, refused: refused, orientation: orientation)
    var found: [Suspicion] = []
    for (index, trial) in SuspicionTrials.all.enumerated() {
      try Task.checkCancellation()
      found += try trial.examine(bench)
      progress(index + 1, SuspicionTrials.all.count)
    }
    return SuspicionTrials.likeliest(found)
  }
}
