/// Judges whether a wait for the vertical blank is one. Some kernel drivers return from it at once and report success.
package enum VerticalBlankTrial {
  /// Waits that are timed.
  package static let waits = 8
  /// Seconds from one vertical blank to the next that a display can have.
  package static let plausible = (1.0 / 1000)...(1.0 / 20)

  /// The period that waits one after the other show.
  ///
  /// - Parameter intervals: seconds from the end of one wait to that of the next.
  /// - Returns: their median in seconds; nil when it is no plausible period or when one differs from it by a factor of
  ///   more than three.
  package static func period(of intervals: [Double]) -> Double? {
    guard intervals.count >= waits else { return nil }
    let median = intervals.sorted()[intervals.count / 2]
    guard plausible.contains(median), intervals.allSatisfy({ $0 >= median / 3 && $0 <= 3 * median }) else { return nil }
    return median
  }

  /// Whether a wait was so short that it may not have been one. A true wait ends that soon now and then; the next one
  /// must then last at least a third of a period, which ``isProof(_:period:)`` tells.
  package static func isSuspicious(_ duration: Double, period: Double) -> Bool { duration < period / 8 }

  package static func isProof(_ duration: Double, period: Double) -> Bool { duration >= period / 3 }
}
