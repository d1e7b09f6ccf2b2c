import Devices
import Glibc
import PatternPlayer
import Testing

@Suite("The guide's driver")
struct PatternPlayerTests {
  let bus = FakePlayers()
  /// What the safe pattern looks like with `safeLevel` 3.
  let safe = [UInt8](repeating: 3, count: 32)

  func open(_ settings: Driver.Settings = ["device": "7", "safeLevel": "3"]) async throws -> PatternPlayer {
    try await PatternPlayer.open(settings, on: bus)
  }

  func pattern(_ level: UInt8) -> Pattern { Pattern(width: 8, height: 4, level: level) }

  @Test("shows its safe pattern when it is opened, and what it was given when it is told to")
  func shows() async throws {
    let player = try await open()
    #expect(bus["7"].shown == safe)
    #expect(player.state == .ready)
    let handles = try await player.upload([pattern(10), pattern(20)])
    #expect(bus["7"].shown == safe)
    let receipt = try await player.show(handles[1])
    #expect(bus["7"].shown == pattern(20).levels)
    #expect(receipt.evidence == .acknowledged)
    #expect(receipt.handle == handles[1])
    #expect(player.state == .running)
    try await player.showSafePattern()
    #expect(bus["7"].shown == safe)
    #expect(player.state == .ready)
  }

  @Test("takes the time of a receipt after the device has answered")
  func receipt() async throws {
    let player = try await open()
    let clock = MonotonicClock()
    let handles = try await player.upload([pattern(1)])
    let before = clock.now
    let time = try await player.show(handles[0]).time
    #expect((before...clock.now).contains(time))
  }

  @Test("refuses patterns that do not fit, stores none of them, and still shows the safe one")
  func unfit() async throws {
    let player = try await open()
    await #expect(throws: DeviceError.wrongPatternSize(device: "7", expected: [8, 4], found: [4, 8])) {
      try await player.upload([pattern(1), Pattern(width: 4, height: 8)])
    }
    await #expect(throws: DeviceError.levelOutOfRange(device: "7", level: 64, greyLevels: 64)) {
      try await player.upload([pattern(63), pattern(64)])
    }
    #expect(bus["7"].slots.count == 1)
    try await player.showSafePattern()
    #expect(bus["7"].shown == safe)
  }

  @Test("refuses a handle that was released and gives its slot back")
  func released() async throws {
    let player = try await open()
    let handles = try await player.upload([pattern(1)])
    _ = try await player.show(handles[0])
    await player.release(handles)
    #expect(bus["7"].shown == pattern(1).levels)
    #expect(bus["7"].slots.count == 1)
    await #expect(throws: DeviceError.unknownPattern(device: "7")) { try await player.show(handles[0]) }
    try await player.showSafePattern()
    #expect(bus["7"].shown == safe)
  }

  @Test("holds nothing of an upload for which there was no room")
  func full() async throws {
    let player = try await open()
    let kept = try await player.upload((0..<14).map { pattern($0) })
    let error = await #expect(throws: DeviceError.self) { try await player.upload((0..<3).map { pattern($0) }) }
    #expect(error?.mayRecover == false)
    #expect(bus["7"].slots.count == 15)
    await player.release(kept)
    _ = try await player.upload((0..<16).map { pattern($0) })
    try await player.showSafePattern()
    #expect(bus["7"].shown == safe)
  }

  @Test("says that the device is gone, and goes on when it is back")
  func unplugged() async throws {
    let player = try await open()
    let handles = try await player.upload([pattern(1)])
    bus["7"].isPlugged = false
    let error = await #expect(throws: DeviceError.self) { try await player.show(handles[0]) }
    #expect(error?.mayRecover == true)
    #expect(error?.device == player.description.name)
    #expect(player.state == .disconnected)
    await #expect(throws: DeviceError.self) { try await player.showSafePattern() }
    await #expect(throws: DeviceError.absent(device: "7", present: [])) { try await player.reconnect() }

    bus["7"] = FakePlayers.Player()
    try await player.reconnect()
    #expect(bus["7"].shown == safe)
    #expect(player.state == .ready)
    await #expect(throws: DeviceError.unknownPattern(device: "7")) { try await player.show(handles[0]) }
    let again = try await player.upload([pattern(2)])
    #expect(again != handles)
    _ = try await player.show(again[0])
    #expect(bus["7"].shown == pattern(2).levels)
  }

  @Test("reports a fault with the operating system's words, and recovers by opening anew")
  func fault() async throws {
    let player = try await open()
    let handles = try await player.upload([pattern(1)])
    bus["7"].playingError = EIO
    let failure = DeviceError.failed(device: "7", operation: "showing a pattern", reason: "Input/output error")
    await #expect(throws: failure) { try await player.show(handles[0]) }
    #expect(player.state == .fault("\(failure)"))
    bus["7"].playingError = nil
    try await player.reconnect()
    #expect(player.state == .ready)
    #expect(bus["7"].shown == safe)
    #expect(bus["7"].openPorts == 1)
  }

  @Test("does not take another panel for the one that it had")
  func otherPanel() async throws {
    let player = try await open()
    bus["7"].width = 16
    let refusal = DeviceError.notADevice(path: "7", expected: "a panel of 8 × 4 pixels", found: "one of 16 × 4")
    await #expect(throws: refusal) { try await player.reconnect() }
    #expect(bus["7"].openPorts == 0)
  }

  @Test("closes the device with its last user, also when it could not be opened fully")
  func closes() async throws {
    do { _ = try await open() }
    #expect(bus["7"].openPorts == 0)
    bus["7"].playingError = EIO
    await #expect(throws: DeviceError.self) { try await open() }
    #expect(bus["7"].openPorts == 0)
    bus["7"].playingError = nil
    await #expect(throws: DeviceError.levelOutOfRange(device: "7", level: 200, greyLevels: 64)) {
      try await open(["device": "7", "safeLevel": "200"])
    }
    #expect(bus["7"].openPorts == 0)
  }

  @Test("refuses settings that it does not know and devices that it cannot open, with what to do")
  func refuses() async throws {
    let unknown = DeviceError.unknownSetting(
      device: "pattern player", setting: "devise", known: ["device", "role", "safeLevel"])
    await #expect(throws: unknown) { try await open(["device": "7", "devise": "8"]) }
    for settings in [[:], ["device": ""], ["device": "7", "safeLevel": "256"]] {
      let error = await #expect(throws: DeviceError.self) { try await open(settings) }
      guard case .invalidSetting? = error else {
        Issue.record("\(settings): \(String(describing: error))")
        continue
      }
    }
    await #expect(throws: DeviceError.absent(device: "8", present: ["7"])) { try await open(["device": "8"]) }
    bus["7"].openingError = EACCES
    await #expect(throws: DeviceError.noPermission(path: "7", group: "odu")) { try await open() }
    bus["7"].openingError = EBUSY
    let error = await #expect(throws: DeviceError.self) { try await open() }
    guard case .inUse? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("is found and opened through a registry")
  func registry() async throws {
    let registry = DriverRegistry([.patternPlayer(on: FakePlayers(["b", "a"]))])
    let found = await registry.discover()
    #expect(found.map(\.path) == ["a", "b"])
    #expect(found.allSatisfy { $0.kind == .modulator && $0.driver == "player" && $0.problem == nil })
    let player = try await registry.modulator(driver: "player", settings: ["device": found[0].path, "role": "layers"])
    #expect(player.description.name == "a")
  }
}
