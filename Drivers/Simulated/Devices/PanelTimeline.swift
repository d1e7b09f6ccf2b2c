import Devices

/// What has been on a panel and when, so that a frame exposed during a change shows the blend of old and new.
struct PanelTimeline: Sendable {
  /// A pattern and its name in the caches.
  struct Content: Sendable {
    var handle: PatternHandle
    var pattern: Pattern
  }

  /// A share of an exposure.
  struct Share: Sendable {
    var content: Content
    var weight: Double
  }

  private struct Change: Sendable {
    var content: Content
    /// Nanoseconds at which the panel begins to change to the content, and how many the change takes.
    var begin: UInt64
    var settle: UInt64
  }

  private var changes: [Change]

  init(initial: Content) { changes = [Change(content: initial, begin: 0, settle: 0)] }

  /// What the panel shows or is changing to.
  var current: Content? { changes.last?.content }

  /// - Parameter settle: nanoseconds that the change takes.
  mutating func change(to content: Content, at begin: UInt64, taking settle: UInt64) {
    changes.append(Change(content: content, begin: begin, settle: settle))
  }

  /// Forgets what had left the panel completely before `time`.
  mutating func forget(before time: UInt64) {
    while changes.count > 1, changes[1].begin + changes[1].settle <= time { changes.removeFirst() }
  }

  /// The contents of the panel during an exposure; the weights add up to 1.
  func shares(from start: UInt64, to end: UInt64) -> [Share] {
    var arrived = changes.indices.map { $0 == 0 ? 1 : progress(changes[$0], start, end) } + [0]
    // A change that is faster than the one before takes its place.
    for index in changes.indices.reversed() { arrived[index] = max(arrived[index], arrived[index + 1]) }
    return changes.indices.compactMap { index in
      let weight = arrived[index] - arrived[index + 1]
      return weight > 0 ? Share(content: changes[index].content, weight: weight) : nil
    }
  }

  /// How far a change had come on average over an exposure: it advances linearly from `begin` to `begin + settle`.
  private func progress(_ change: Change, _ start: UInt64, _ end: UInt64) -> Double {
    let (begin, settle) = (change.begin, change.settle)
    if end <= begin { return 0 }
    if start >= begin + settle { return 1 }
    func integral(_ time: UInt64) -> Double {
      guard time > begin else { return 0 }
      let (elapsed, whole) = (Double(time - begin), Double(settle))
      return elapsed < whole ? elapsed * elapsed / (2 * whole) : elapsed - whole / 2
    }
    return end > start ? (integral(end) - integral(start)) / Double(end - start) : 0
  }
}
