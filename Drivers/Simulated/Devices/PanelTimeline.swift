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
    /// Nanoseconds at which the panel begins to change to the content.
    var begin: UInt64
  }

  private var changes: [Change]
  /// Nanoseconds that a change takes.
  private let settle: UInt64

  init(initial: Content, settle: UInt64) {
    changes = [Change(content: initial, begin: 0)]
    self.settle = settle
  }

  /// What the panel shows or is changing to.
  var current: Content? { changes.last?.content }

  mutating func change(to content: Content, at begin: UInt64) {
    changes.append(Change(content: content, begin: begin))
  }

  /// Forgets what had left the panel completely before `time`.
  mutating func forget(before time: UInt64) {
    while changes.count > 1, changes[1].begin + settle <= time { changes.removeFirst() }
  }

  /// The contents of the panel during an exposure; the weights add up to 1.
  func shares(from start: UInt64, to end: UInt64) -> [Share] {
    let arrived = changes.indices.map { $0 == 0 ? 1 : progress(changes[$0].begin, start, end) } + [0]
    return changes.indices.compactMap { index in
      let weight = arrived[index] - arrived[index + 1]
      return weight > 0 ? Share(content: changes[index].content, weight: weight) : nil
    }
  }

  /// How far a change had come on average over an exposure: it advances linearly from `begin` to `begin + settle`.
  private func progress(_ begin: UInt64, _ start: UInt64, _ end: UInt64) -> Double {
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
