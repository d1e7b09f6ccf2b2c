/// Which layer set serves which steps: set m serves `edges[m] < t ≤ edges[m + 1]` (time-aware policy, Oguz et al., 3.3).
public struct TimePolicy: Sendable, Codable, Equatable {
  /// 0, the last step of every set, rising, and so T at the end.
  public let edges: [Int]

  /// - Throws: ``DiffusionError/argument(name:found:expected:)`` unless the edges rise from 0.
  public init(edges: [Int]) throws {
    guard edges.count >= 2, edges[0] == 0, zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw DiffusionError.argument(
        name: "edges of the layer sets", found: "\(edges)", expected: "at least two rising numbers from 0 to T")
    }
    self.edges = edges
  }

  /// Sets of equally many steps, as in the paper.
  public static func uniform(sets: Int, steps: Int) throws -> TimePolicy {
    try checkCount(sets, steps: steps)
    return try TimePolicy(edges: (0...sets).map { $0 * steps / sets })
  }

  /// Sets over which ln SNR falls by equal amounts.
  public static func equalLnSNR(sets: Int, schedule: NoiseSchedule) throws -> TimePolicy {
    try checkCount(sets, steps: schedule.steps)
    let (top, bottom) = (schedule.lnSNR(1), schedule.lnSNR(schedule.steps))
    var edges = [0]
    for set in 1..<sets {
      let level = top + (bottom - top) * Double(set) / Double(sets)
      let crossing = (1...schedule.steps).min { abs(schedule.lnSNR($0) - level) < abs(schedule.lnSNR($1) - level) }
      edges.append(crossing ?? schedule.steps)
    }
    return try TimePolicy(edges: edges + [schedule.steps])
  }

  /// M, the number of layer sets.
  public var sets: Int { edges.count - 1 }

  /// T, the number of steps served.
  public var steps: Int { edges[edges.count - 1] }

  /// The set that serves step `t` in 1…T.
  public func set(servingStep t: Int) -> Int {
    precondition((1...steps).contains(t), "a step is in 1…T")
    return (edges.firstIndex { $0 >= t } ?? sets) - 1
  }

  /// The steps that set `set` serves.
  public func steps(ofSet set: Int) -> ClosedRange<Int> { edges[set] + 1...edges[set + 1] }

  public init(from decoder: any Decoder) throws {
    try self.init(edges: decoder.singleValueContainer().decode([Int].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(edges)
  }

  private static func checkCount(_ sets: Int, steps: Int) throws {
    guard (1...max(1, steps)).contains(sets) else {
      throw DiffusionError.argument(name: "layer sets", found: "\(sets)", expected: "a number from 1 to \(steps)")
    }
  }
}
