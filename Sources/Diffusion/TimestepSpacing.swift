/// Which of the steps of a schedule a sampler visits.
public struct TimestepSpacing: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// From the last visited step up: `last + ⌊k·span/n⌋`, so the first visited is below the noisiest.
    case leading
    /// From the noisiest step down: `first − ⌊k·span/n⌋`, so the last visited is above the cleanest.
    case trailing
    /// Evenly spaced, both ends included.
    case inclusive
  }

  public var kind: Kind
  /// How many steps are visited.
  public var count: Int
  /// The noisiest step that may be visited; T when nil.
  public var first: Int?
  /// The cleanest step that may be visited; the image is the estimate of x₀ at the last visited step.
  public var last: Int

  public init(_ kind: Kind = .leading, count: Int, first: Int? = nil, last: Int = 1) {
    self.kind = kind
    self.count = count
    self.first = first
    self.last = last
  }

  /// The visited steps, falling.
  ///
  /// - Throws: ``DiffusionError/argument(name:found:expected:)`` for ends outside the schedule and for more steps than
  ///   there are between them.
  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] {
    let first = first ?? schedule.steps
    guard last >= 1, last <= first, first <= schedule.steps else {
      throw DiffusionError.argument(
        name: "time range", found: "\(first) to \(last)", expected: "1 ≤ last ≤ first ≤ \(schedule.steps)")
    }
    let span = first - last + 1
    guard (1...span).contains(count) else {
      throw DiffusionError.argument(name: "sampling steps", found: "\(count)", expected: "a number from 1 to \(span)")
    }
    return (0..<count).map { index in
      switch kind {
      case .leading: last + (count - 1 - index) * span / count
      case .trailing: first - index * span / count
      case .inclusive:
        count == 1 ? first : first - Int((Double(index * (first - last)) / Double(count - 1)).rounded())
      }
    }
  }
}
