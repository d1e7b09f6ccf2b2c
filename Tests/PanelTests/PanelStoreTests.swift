import Arrays
import BenchTestKit
import Devices
import Testing

@Suite("Buffers of a panel")
struct PanelStoreTests {
  /// A panel that shows what it has at once and goes on showing the buffer before for some time.
  final class Panel: ScanoutBuffers {
    let bufferCount: Int
    let clock: StageClock
    let bound: UInt64
    var contents: [Pattern?]
    var shown: Int?
    var last: (buffer: Int, until: UInt64)?
    var writes = 0
    /// Writes to a buffer that was being scanned out.
    var torn = 0
    /// Writes over something else than what the buffer was said to hold.
    var mistaken = 0
    var fails = false

    init(buffers: Int, clock: StageClock, bound: UInt64) {
      bufferCount = buffers
      contents = [Pattern?](repeating: nil, count: buffers)
      self.clock = clock
      self.bound = bound
    }

    func write(_ pattern: Pattern, over old: Pattern?, to buffer: Int) {
      if let old, old != contents[buffer] { mistaken += 1 }
      if buffer == shown || (last.map { $0.buffer == buffer && clock.now < $0.until } ?? false) { torn += 1 }
      contents[buffer] = pattern
      writes += 1
    }

    func present(_ buffer: Int) throws -> Presentation {
      if fails { throw DeviceError.failed(device: "panel", operation: "flip", reason: "test") }
      clock.advance(by: 1)
      if let shown, shown != buffer { last = (shown, clock.now + bound) }
      shown = buffer
      return Presentation(time: clock.now, evidence: bound == 0 ? .flipEvent : .estimated(bound: bound))
    }

    var visible: Pattern? { shown.flatMap { contents[$0] } }
  }

  private func pattern(_ level: UInt8) -> Pattern { Pattern(width: 2, height: 2, level: level) }

  private func store(buffers: Int, clock: StageClock) -> PanelStore {
    PanelStore(safe: pattern(200), bufferCount: buffers, clock: clock, pause: { clock.advance(to: $0) })
  }

  @Test("a free buffer is written when a pattern is uploaded, so that showing it is a flip alone")
  func uploadsAhead() throws {
    let clock = StageClock(start: 1000)
    let panel = Panel(buffers: 4, clock: clock, bound: 0)
    var store = store(buffers: 4, clock: clock)
    try store.showSafePattern(on: panel)
    var previous: [PatternHandle] = []
    var next = store.upload([pattern(1)], to: panel)
    for level in 2..<40 as Range<UInt8> {
      let writes = panel.writes
      _ = try store.show(next[0], on: panel)
      #expect(panel.writes == writes)
      #expect(panel.visible == pattern(level - 1))
      store.release(previous)
      previous = next
      next = store.upload([pattern(level)], to: panel)
      #expect(panel.writes == writes + 1)
      #expect(panel.visible == pattern(level - 1))
    }
    #expect(panel.torn == 0)
    #expect(panel.mistaken == 0)
  }

  @Test(
    "in whatever order patterns come and go, the one asked for is shown, and no visible buffer is written to",
    arguments: [1, 2, 3, 4], [0, 50] as [UInt64])
  func anyOrder(buffers: Int, bound: UInt64) throws {
    let clock = StageClock(start: 1000)
    let panel = Panel(buffers: buffers, clock: clock, bound: bound)
    var store = store(buffers: buffers, clock: clock)
    var random = CounterRandom(seed: UInt64(buffers) + bound).generator()
    var held: [(handle: PatternHandle, pattern: Pattern)] = []
    try store.showSafePattern(on: panel)
    for step in 0..<3000 {
      switch random.next() % 5 {
      case let action where action < 2 && held.count < 4:
        let patterns = (0...random.next() % 3).map { pattern(UInt8((step + Int($0)) % 199)) }
        held += zip(store.upload(patterns, to: panel), patterns).map { ($0, $1) }
      case let action where action < 3 && !held.isEmpty:
        let gone = held.remove(at: Int(random.next() % UInt64(held.count)))
        store.release([gone.handle])
        #expect(try store.show(gone.handle, on: panel) == nil)
      case 3:
        try store.showSafePattern(on: panel)
        #expect(panel.visible == pattern(200))
      default:
        guard !held.isEmpty else { continue }
        let chosen = held[Int(random.next() % UInt64(held.count))]
        let receipt = try #require(try store.show(chosen.handle, on: panel))
        #expect(receipt.handle == chosen.handle && receipt.time == clock.now)
        #expect(panel.visible == chosen.pattern)
      }
      clock.advance(by: random.next() % 40)
    }
    // With a single buffer there is no other way than to write into the visible one.
    #expect((panel.torn == 0) == (buffers > 1))
  }

  @Test("a panel opened anew has forgotten every pattern but the safe one, and gives no handle twice")
  func reset() throws {
    let clock = StageClock(start: 1000)
    let panel = Panel(buffers: 3, clock: clock, bound: 0)
    var store = store(buffers: 3, clock: clock)
    let before = store.upload([pattern(1), pattern(2)], to: panel)
    store.reset(bufferCount: 3)
    #expect(try store.show(before[0], on: panel) == nil)
    let after = store.upload([pattern(3)], to: panel)
    #expect(Set(before).isDisjoint(with: after))
    try store.showSafePattern(on: panel)
    #expect(panel.visible == pattern(200))
  }

  @Test("after a flip that failed, the safe pattern and every other can still be shown")
  func failure() throws {
    let clock = StageClock(start: 1000)
    let panel = Panel(buffers: 2, clock: clock, bound: 0)
    var store = store(buffers: 2, clock: clock)
    try store.showSafePattern(on: panel)
    let handles = store.upload([pattern(1)], to: panel)
    panel.fails = true
    #expect(throws: DeviceError.self) { try store.show(handles[0], on: panel) }
    panel.fails = false
    try store.showSafePattern(on: panel)
    #expect(panel.visible == pattern(200))
    #expect(try store.show(handles[0], on: panel) != nil)
    #expect(panel.visible == pattern(1))
  }
}
