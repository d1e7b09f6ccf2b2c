/// Looks on while a bench works, without any part in it, as a live view does. What a measurement has to prove is not here but
/// in its answer, `Measured`.
///
/// The bench calls this between two steps of its loop, so that every method must return at once.
public protocol BenchWitness: Sendable {
  /// A pattern is on a modulator.
  func saw(_ pattern: Pattern, on modulator: String, _ receipt: PresentationReceipt)

  /// The safe pattern is on a modulator.
  func sawSafePattern(on modulator: String)

  /// The camera delivered a frame that counts.
  func saw(_ frame: Frame)
}
