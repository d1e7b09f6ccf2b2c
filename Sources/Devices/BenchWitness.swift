/// Looks on while a bench works, without any part in it: a live view, a recording.
///
/// The bench calls this between two steps of its loop, so that every method must return at once.
public protocol BenchWitness: Sendable {
  /// A pattern is on a modulator.
  func saw(_ pattern: Pattern, on modulator: String, _ receipt: PresentationReceipt)

  /// The safe pattern is on a modulator.
  func sawSafePattern(on modulator: String)

  /// A frame was credited to the image of that index in the measurement under way.
  ///
  /// - Parameter presented: when the image reached its panel, in nanoseconds on the clock of the bench.
  func matched(_ frame: Frame, image: Int, presented: UInt64)
}
