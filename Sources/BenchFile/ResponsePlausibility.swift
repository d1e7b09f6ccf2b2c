import Foundation
import ReadableNumbers
import StrictYAML

/// What is suspicious about the measured phases of a modulator.
package struct ResponsePlausibility {
  /// Radians over a turn of commands.
  let values: [Double]

  package init(values: [Double]) { self.values = values }

  /// From less than half a turn, with which no layer can be shown, to some turns.
  private static let spans = 2.5...30.0

  /// What to tell the user; nil when the values can be what a modulator shows over one turn, in radians.
  package var problem: String? { spanProblem ?? wrapProblem }

  private var spanProblem: String? {
    guard let lowest = values.min(), let highest = values.max() else { return nil }
    let span = highest - lowest
    if Self.spans.contains(span) { return nil }
    let stated = "the values cover \(shortest(span)) radians, where a turn of commands shows about 6.28319"
    if let unit = Self.units.first(where: { $0.spans.contains(span) }) {
      return "\(stated); they look like \(unit.name): \(unit.remedy)"
    }
    return span < Self.spans.lowerBound
      ? "\(stated); if it truly shows so little, leave the response out and give parameters.response1 a start of about "
        + shortest(max(-1, span / (2 * .pi) - 1))
      : "\(stated); give radians"
  }

  /// What people write phases in, by what a whole turn then covers. Levels have their own end: 255 of 256.
  private static let units: [(name: String, spans: ClosedRange<Double>, remedy: String)] = [
    ("turns or waves", 0.7...1.3, "multiply them by 6.28319"),
    ("multiples of pi", 1.6...2.499, "multiply them by 3.14159"),
    ("degrees", 270...450, "multiply them by 0.0174533"),
    ("grey levels", 60...269, "give the phase that was measured at each level"),
    ("grey levels", 451...66000, "give the phase that was measured at each level"),
  ]

  /// A phase is measured up to whole turns; between two neighbours it does not jump back by most of one.
  private var wrapProblem: String? {
    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
    guard steps.count >= 4 else { return nil }
    let rising = steps.count { $0 > 0 } >= steps.count { $0 < 0 }
    guard let place = steps.firstIndex(where: { (rising ? -$0 : $0) > 4 }) else { return nil }
    let change = rising ? "falls" : "rises"
    return "value \(place + 2) \(change) by \(shortest(abs(steps[place]))) radians while the others "
      + "\(rising ? "rise" : "fall"): a measured phase is known up to whole turns; "
      + "\(rising ? "add" : "subtract") 6.28319 from this value on"
  }
}
