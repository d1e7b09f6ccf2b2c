import Foundation
import ReadableNumbers

/// One axis of a plot.
public struct Axis: Sendable, Codable, Equatable {
  public var label: String
  /// Written after the label in parentheses; empty for plain numbers.
  public var unit: String
  public var isLogarithmic: Bool
  /// Whether the axis begins at zero whatever the data; without meaning on a logarithmic axis.
  public var startsAtZero: Bool

  public init(_ label: String, unit: String = "", isLogarithmic: Bool = false, startsAtZero: Bool = false) {
    self.label = label
    self.unit = unit
    self.isLogarithmic = isLogarithmic
    self.startsAtZero = startsAtZero
  }

  var caption: String { unit.isEmpty ? label : "\(label) (\(unit))" }

  /// Whether a value can be drawn on this axis: beyond these numbers the ends of the axis and its steps would not be finite.
  func accepts(_ value: Double) -> Bool { abs(value) <= 1e300 && (!isLogarithmic || value >= 1e-300) }
}

/// An axis laid out for given data: its range and where its ticks are.
struct Scale {
  let minimum: Double
  let maximum: Double
  let ticks: [(value: Double, label: String)]
  private let isLogarithmic: Bool

  init(_ axis: Axis, covering values: [Double], tickCount: Int) {
    let drawable = values.filter(axis.accepts)
    var low = drawable.min() ?? (axis.isLogarithmic ? 1 : 0)
    var high = drawable.max() ?? 1
    isLogarithmic = axis.isLogarithmic
    if axis.isLogarithmic {
      if low == high { (low, high) = (low / 2, high * 2) }
      let values = Self.logarithmicTicks(from: low, to: high)
      (minimum, maximum) = (min(low, values.first ?? low), max(high, values.last ?? high))
      ticks = values.map { ($0, compact($0)) }
    } else {
      if axis.startsAtZero { (low, high) = (min(low, 0), max(high, 0)) }
      // Closer together, their labels would be the same.
      if high - low <= 1e-12 * max(abs(low), abs(high)) {
        (low, high) = (low - max(abs(low), 1) / 2, high + max(abs(high), 1) / 2)
      }
      let step = Self.niceStep((high - low) / Double(tickCount))
      let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
      (minimum, maximum) = (first * step, last * step)
      let digits = max(0, -Int(log10(step).rounded(.down)))
      ticks = stride(from: first, through: last, by: 1).map { ($0 * step, Self.tickLabel($0 * step, digits, step)) }
    }
  }

  /// Where a value stands between the ends, 0…1.
  func position(_ value: Double) -> Double {
    isLogarithmic ? log(value / minimum) / log(maximum / minimum) : (value - minimum) / (maximum - minimum)
  }

  /// The number 1, 2 or 5 times a power of ten next above `raw`.
  private static func niceStep(_ raw: Double) -> Double {
    let power = pow(10, log10(raw).rounded(.down))
    return ([1, 2, 5].first { $0 * power >= raw * 0.999 } ?? 10) * power
  }

  private static func logarithmicTicks(from low: Double, to high: Double) -> [Double] {
    let decades = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let factors: [Double] = decades.count > 4 ? [1] : decades.count > 2 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 8]
    let all = decades.flatMap { decade in factors.map { $0 * pow(10, Double(decade)) } }
    let first = all.lastIndex { $0 <= low * 1.0001 } ?? 0
    let last = all.firstIndex { $0 >= high * 0.9999 } ?? all.count - 1
    return Array(all[first...max(first, last)])
  }

  private static func tickLabel(_ value: Double, _ digits: Int, _ step: Double) -> String {
    if digits > 5 || abs(value) >= 1e6 { return compact(abs(value) < step / 2 ? 0 : value) }
    return fixed(abs(value) < step / 2 ? 0 : value, decimals: digits)
  }
}
