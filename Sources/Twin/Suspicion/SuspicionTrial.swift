/// One thing that is often wrong, and how to find out cheaply. A further one is a file in `Trials` and a line in ``SuspicionTrials/all``.
protocol SuspicionTrial: Sendable {
  /// - Throws: `CancellationError`.
  func examine(_ bench: SuspectBench) throws -> [Suspicion]
}
