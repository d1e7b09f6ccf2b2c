import Concurrency
import Devices
import Dispatch
import Testing

@Suite("Modulators that the machine treats as displays")
struct ScanoutModulatorTests {
  /// What a panel shows, and what is wrong with it.
  final class World: Sendable {
    let shown = Locked<[Pattern]>([])
    let isPresent = Locked(true)
    let opened = Locked(0)
    /// Where the next presentation waits, after it has said that it does.
    let gate = Locked<(began: DispatchSemaphore, mayEnd: DispatchSemaphore)?>(nil)

    func require() throws {
      guard isPresent.withLock({ $0 }) else { throw DeviceError.disconnected(device: "panel", reason: "unplugged") }
    }
  }

  final class Panel: ScanoutPanel {
    let (width, height, greyLevels, rate, bufferCount) = (4, 2, 256, 50.0, 2)
    let world: World
    let warnings: [String]
    let serial: String?
    private var contents: [Pattern?] = [nil, nil]

    init(_ world: World) throws {
      self.world = world
      guard world.isPresent.withLock({ $0 }) else { throw DeviceError.absent(device: "panel", present: []) }
      let count = world.opened.withLock { count in
        count += 1
        return count
      }
      warnings = ["opened \(count) times"]
      serial = "panel \(count)"
    }

    var reopening: ScanoutModulator.Opening { { [world] in try Panel(world) } }
    func requirePresence() throws { try world.require() }
    func write(_ pattern: Pattern, over _: Pattern?, to buffer: Int) { contents[buffer] = pattern }

    func present(_ buffer: Int) throws -> Presentation {
      try world.require()
      if let gate = world.gate.withLock({ $0 }) {
        gate.began.signal()
        gate.mayEnd.wait()
      }
      if let pattern = contents[buffer] { world.shown.withLock { $0.append(pattern) } }
      return Presentation(time: 1, evidence: .flipEvent)
    }
  }

  private let world = World()

  private func open() async throws -> ScanoutModulator {
    try await ScanoutModulator.open(name: "panel", driver: "test", safeLevel: 7) { [world] in try Panel(world) }
  }

  private var lastShown: Pattern? { world.shown.withLock(\.last) }

  @Test("the safe pattern is there after the opening, and a scan-out takes as long as the rate says")
  func opening() async throws {
    let modulator = try await open()
    #expect(lastShown == Pattern(width: 4, height: 2, level: 7))
    #expect(modulator.description.scanOut == 0.02 && modulator.description.refreshRate == 50)
    #expect(await modulator.state == .ready)
  }

  @Test("the serial number is that of the panel that is open now")
  func serial() async throws {
    let modulator = try await open()
    #expect(await modulator.serial == "panel 1")
    try await modulator.reconnect()
    #expect(await modulator.serial == "panel 2")
  }

  @Test("a panel that goes while nothing is shown is noticed, and comes back with the safe pattern")
  func presence() async throws {
    let modulator = try await open()
    let handle = try #require(try await modulator.upload([Pattern(width: 4, height: 2, level: 1)]).first)
    _ = try await modulator.show(handle)
    try await modulator.requirePresence()
    world.isPresent.withLock { $0 = false }
    await #expect(throws: DeviceError.disconnected(device: "panel", reason: "unplugged")) {
      try await modulator.requirePresence()
    }
    #expect(await modulator.state == .disconnected)
    await #expect(throws: DeviceError.disconnected(device: "panel", reason: "it has not come back")) {
      try await modulator.reconnect()
    }
    world.isPresent.withLock { $0 = true }
    try await modulator.reconnect()
    try await modulator.requirePresence()
    #expect(lastShown == Pattern(width: 4, height: 2, level: 7))
    #expect(world.opened.withLock { $0 } == 2)
    #expect(await modulator.warnings == ["opened 2 times"])
    await #expect(throws: DeviceError.unknownPattern(device: "panel")) { try await modulator.show(handle) }
  }

  @Test("the state can be read while the device keeps its thread waiting", .timeLimit(.minutes(15)))
  func stateWhileBusy() async throws {
    let modulator = try await open()
    let handle = try #require(try await modulator.upload([Pattern(width: 4, height: 2, level: 1)]).first)
    let (began, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    world.gate.withLock { $0 = (began, mayEnd) }
    let showing = Task { try await modulator.show(handle) }
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        began.wait()
        continuation.resume()
      }
    }
    #expect(await modulator.state == .ready)
    #expect(await modulator.warnings == ["opened 1 times"])
    mayEnd.signal()
    _ = try await showing.value
    #expect(await modulator.state == .running)
  }
}
