import Arrays
import ReadableNumbers

/// Samples at the largest value that the camera delivers.
struct SaturationTrial: SuspicionTrial {
  /// The part of samples that may be clipped without a word, and how often a largest value must come to be a limit.
  private static let (part, least) = (0.002, 16)

  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let values = bench.data.frames.values
    guard let largest = values.max(), largest > 0 else { return [] }
    let limit = bench.data.saturation ?? largest
    let clipped = values.count { $0 >= limit }
    guard clipped >= Self.least, Double(clipped) > Self.part * Double(values.count) else { return [] }
    // Where light is not clipped, the largest value is rarer than those a little below it.
    let below = values.count { $0 >= 0.98 * limit && $0 < limit }
    guard bench.data.saturation != nil || clipped > below else { return [] }
    return [
      Suspicion(
        kind: .saturation,
        words: "\(brief(100 * Double(clipped) / Double(values.count))) % of the frames' samples have the "
          + "largest value, \(brief(limit)): they are clipped. Shorten the exposure or attenuate the laser.")
    ]
  }
}
