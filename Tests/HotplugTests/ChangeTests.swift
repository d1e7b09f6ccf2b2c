import BenchTestKit
import Concurrency
import Devices
import Hotplug
import Testing

/// Never reaches a deadline by itself.
private struct StandingClock: BenchClock {
  var now: UInt64 { 0 }
  func wait(until deadline: UInt64) async throws {
    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in never {}
    withExtendedLifetime(continuation) {}
    try Task.checkCancellation()
  }
}

@Suite("Waiting for a change")
struct ChangeTests {
  let signal = ChangeSignal()

  func listener() -> ChangeListener { ChangeListener(to: signal, clock: StandingClock()) }

  @Test("ends at once when there was a change since the last call, however many there were, and once only")
  func missed() async throws {
    let clock = StageClock(start: 0)
    let listener = ChangeListener(to: signal, clock: clock)
    for _ in 0..<1000 { signal.raise() }
    try await listener.waitForChange(until: 50)
    #expect(clock.now == 0)
    try await listener.waitForChange(until: 50)
    #expect(clock.now == 50)
  }

  @Test("ends at the deadline without a change")
  func deadline() async throws {
    let clock = StageClock(start: 10)
    try await ChangeListener(to: signal, clock: clock).waitForChange(until: 1000)
    #expect(clock.now == 1000)
  }

  @Test("ends for every waiter and every listener", .timeLimit(.minutes(15)))
  func many() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask { [signal] in try await signal.wait(after: 0) }
        let own = listener()
        group.addTask { try await own.waitForChange(until: .max) }
      }
      signal.raise()
      try await group.waitForAll()
    }
  }

  @Test("is not lost to a listener because another one was told of it", .timeLimit(.minutes(15)))
  func independent() async throws {
    let (first, second) = (listener(), listener())
    signal.raise()
    try await first.waitForChange(until: .max)
    try await second.waitForChange(until: .max)
  }

  @Test("is told to a listener only when it began before", .timeLimit(.minutes(15)))
  func later() async throws {
    signal.raise()
    let clock = StageClock(start: 0)
    try await ChangeListener(to: signal, clock: clock).waitForChange(until: 5)
    #expect(clock.now == 5)
  }

  @Test("can be cancelled before and while it waits", .timeLimit(.minutes(15)))
  func cancelled() async throws {
    for _ in 0..<200 {
      let waiting = Task { [signal] in try await signal.wait(after: 0) }
      let listening = Task { [listener = listener()] in try await listener.waitForChange(until: .max) }
      waiting.cancel()
      listening.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      await #expect(throws: CancellationError.self) { try await listening.value }
    }
  }

  @Test("loses nothing when changes and waits overlap", .timeLimit(.minutes(15)))
  func overlapping() async throws {
    let total: UInt64 = 5000
    let raising = Task.detached { [signal] in
      for _ in 0..<total { signal.raise() }
    }
    var seen: UInt64 = 0
    while seen < total {
      try await signal.wait(after: seen)
      #expect(signal.count > seen)
      seen = signal.count
    }
    await raising.value
    #expect(seen == total)
  }
}
