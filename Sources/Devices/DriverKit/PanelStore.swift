/// A panel with memory of its own to scan out from: one buffer that is shown, and perhaps others.
package protocol ScanoutBuffers: AnyObject {
  var bufferCount: Int { get }
  /// Puts a pattern into a buffer, which holds `old` unless somebody else draws into it too; nil when it holds anything.
  func write(_ pattern: Pattern, over old: Pattern?, to buffer: Int)
  /// Shows a buffer, and returns when that is known to have happened.
  func present(_ buffer: Int) throws -> Presentation
}

/// When a buffer reached the panel, in nanoseconds on the clock of the bench, and how that is known.
package struct Presentation: Sendable, Equatable {
  package var time: UInt64
  package var evidence: PresentationReceipt.Evidence

  package init(time: UInt64, evidence: PresentationReceipt.Evidence) {
    self.time = time
    self.evidence = evidence
  }
}

/// The patterns that a panel holds: in a buffer where one was free when they were uploaded, otherwise in memory until they
/// are shown. A buffer that may still be scanned out is never written to, unless it is the only one.
package struct PanelStore {
  private struct Buffer {
    var handle: PatternHandle?
    /// What was written into it last, also when its handle has been released.
    var content: Pattern?
    /// From when on the panel no longer shows what was in it.
    var idle: UInt64 = 0
    /// When it was written or shown last, in a count of such events.
    var used = 0
  }

  private static let safe = PatternHandle(id: 0)

  private var patterns: [PatternHandle: Pattern]
  private var buffers: [Buffer]
  private var front: Int?
  private var nextID: UInt64 = 1
  private var events = 0
  private let clock: any BenchClock
  private let pause: (UInt64) -> Void

  /// - Parameters:
  ///   - safe: what ``showSafePattern(on:)`` shows.
  ///   - pause: returns when the clock shows the given time.
  package init(
    safe pattern: Pattern, bufferCount: Int, clock: any BenchClock = MonotonicClock(),
    pause: @escaping (UInt64) -> Void = { sleepThread(until: $0) }
  ) {
    patterns = [Self.safe: pattern]
    buffers = [Buffer](repeating: Buffer(), count: bufferCount)
    self.clock = clock
    self.pause = pause
  }

  /// Forgets every pattern and what the buffers hold, for a panel that was reopened. Handles are not given twice.
  package mutating func reset(bufferCount: Int) {
    patterns = patterns.filter { $0.key == Self.safe }
    buffers = [Buffer](repeating: Buffer(), count: bufferCount)
    front = nil
  }

  package mutating func upload(_ uploaded: [Pattern], to surface: some ScanoutBuffers) -> [PatternHandle] {
    uploaded.map { pattern in
      let handle = PatternHandle(id: nextID)
      nextID += 1
      patterns[handle] = pattern
      let now = clock.now
      if let free = buffers.indices.first(where: { isFree($0) && buffers[$0].idle <= now }) {
        write(pattern, handle, to: free, of: surface)
      }
      return handle
    }
  }

  /// - Returns: nil when there is no such pattern.
  package mutating func show(_ handle: PatternHandle, on surface: some ScanoutBuffers) throws -> PresentationReceipt? {
    guard let pattern = patterns[handle] else { return nil }
    let buffer: Int
    if let held = buffers.firstIndex(where: { $0.handle == handle }) {
      buffer = held
    } else {
      buffer = claimed()
      if buffer != front, buffers[buffer].idle > clock.now { pause(buffers[buffer].idle) }
      write(pattern, handle, to: buffer, of: surface)
    }
    buffers[buffer].used = nextEvent()
    let shown = try surface.present(buffer)
    let receipt = PresentationReceipt(handle: handle, time: shown.time, evidence: shown.evidence)
    if let front, front != buffer { buffers[front].idle = receipt.latest }
    front = buffer
    return receipt
  }

  package mutating func showSafePattern(on surface: some ScanoutBuffers) throws {
    _ = try show(Self.safe, on: surface)
  }

  package mutating func release(_ handles: [PatternHandle]) {
    for handle in handles where handle != Self.safe {
      patterns[handle] = nil
      for index in buffers.indices where buffers[index].handle == handle { buffers[index].handle = nil }
    }
  }

  private func isFree(_ buffer: Int) -> Bool { buffer != front && buffers[buffer].handle == nil }

  /// The buffer that a pattern without one gets: a free one, or that which was used least recently.
  private func claimed() -> Int {
    let others = buffers.indices.filter { $0 != front }
    let free = others.filter(isFree)
    return (free.isEmpty ? others : free).min { buffers[$0].used < buffers[$1].used } ?? 0
  }

  private mutating func write(
    _ pattern: Pattern, _ handle: PatternHandle, to buffer: Int, of surface: some ScanoutBuffers
  ) {
    surface.write(pattern, over: buffers[buffer].content, to: buffer)
    buffers[buffer].handle = handle
    buffers[buffer].content = pattern
    buffers[buffer].used = nextEvent()
  }

  private mutating func nextEvent() -> Int {
    events += 1
    return events
  }
}
