import Arrays
import BenchTestKit
import Concurrency
import DLPC900
import Devices
import Testing

@Suite struct DLPC900ModulatorTests {
  private let device: FakeController
  private let clock = StageClock(start: 1000)

  init() { device = FakeController() }

  private func open(_ settings: Driver.Settings = [:], device: FakeController? = nil) async throws -> DLPC900Modulator {
    let device = device ?? self.device
    return try await DLPC900Modulator.open(settings: DLPC900Settings(settings), clock: clock) { device }
  }

  private func patterns(_ count: Int, of description: ModulatorDescription, seed: UInt64 = 1) -> [Pattern] {
    (0..<count).map { index in
      let random = CounterRandom(seed: seed).child(UInt64(index))
      var pattern = Pattern(width: description.width, height: description.height)
      for y in 0..<description.height {
        for x in 0..<description.width {
          let place = y * description.width + x
          if y % 37 > 0 {
            pattern.levels[place] = pattern.levels[place - description.width]
          } else if x % 29 > 0 {
            pattern.levels[place] = pattern.levels[place - 1]
          } else {
            pattern.levels[place] = UInt8(random.integer(below: description.greyLevels, at: UInt64(place)))
          }
        }
      }
      return pattern
    }
  }

  @Test(
    "what is shown is on the panel, in any order and across batches",
    arguments: [
      DLPC900Panel.dlp5500, .dlp6500, .dlp9000, .dlp670s, .dlp500yx,
    ])
  func shows(_ panel: DLPC900Panel) async throws {
    let device = FakeController(panel)
    let modulator = try await open(device: device)
    #expect(modulator.description.width == panel.width && modulator.description.height == panel.height)
    #expect(modulator.description.uploadCount == 24 && modulator.description.greyLevels == 2)
    let patterns = patterns(27, of: modulator.description)
    let handles = try await modulator.upload(patterns)
    #expect(device.shown.count == 1)
    for index in [3, 0, 23, 3, 26, 24, 7] {
      _ = try await modulator.show(handles[index])
      #expect(device.shown.last == patterns[index].levels)
    }
  }

  @Test("the serial number is that of the device that is open now")
  func serial() async throws {
    let opened = Locked(0)
    let modulator = try await DLPC900Modulator.open(settings: DLPC900Settings([:]), clock: clock) {
      let number = opened.withLock { count in
        count += 1
        return count
      }
      return FakeController(serial: "board \(number)")
    }
    #expect(await modulator.serial == "board 1")
    try await modulator.reconnect()
    #expect(await modulator.serial == "board 2")
  }

  @Test("every compression shows the same", arguments: ["none", "rle", "enhanced"])
  func compressions(_ compression: String) async throws {
    let modulator = try await open(["compression": compression, "copyPrevious": "false"])
    let patterns = patterns(2, of: modulator.description)
    for (handle, pattern) in zip(try await modulator.upload(patterns), patterns) {
      _ = try await modulator.show(handle)
      #expect(device.shown.last == pattern.levels)
    }
  }

  @Test("grey patterns are shown three to an image, and the safe level between them")
  func grey() async throws {
    let modulator = try await open(["levels": "256", "safeLevel": "77"])
    #expect(modulator.description.uploadCount == 3 && modulator.description.greyLevels == 256)
    let patterns = patterns(5, of: modulator.description)
    let handles = try await modulator.upload(patterns)
    for index in [4, 2, 1] {
      _ = try await modulator.show(handles[index])
      #expect(device.shown.last == patterns[index].levels)
      try await modulator.showSafePattern()
      #expect(device.shown.last?.allSatisfy { $0 == 77 } == true)
    }
  }

  @Test("an upload sends nothing to the device")
  func uploadIsSilent() async throws {
    let modulator = try await open()
    let before = device.state.withLock { $0.commands.count }
    _ = try await modulator.upload(patterns(30, of: modulator.description))
    #expect(device.state.withLock { $0.commands.count } == before)
  }

  @Test("a second pattern of a batch is shown without another load")
  func noReload() async throws {
    let modulator = try await open()
    let handles = try await modulator.upload(patterns(24, of: modulator.description))
    _ = try await modulator.show(handles[0])
    device.state.withLock { $0.commands = [] }
    _ = try await modulator.show(handles[1])
    let commands = device.state.withLock { $0.commands }
    // Stop, see that it stopped, select, start, see that it started.
    #expect(commands == [0x1A24, 0x1A0C, 0x1A32, 0x1A24, 0x1A0C])
  }

  @Test("the receipt comes after the sequencer was seen to run and is bounded by one exposure and dark time")
  func receipt() async throws {
    let modulator = try await open(["exposure": "0.002", "darkTime": "0.001"])
    #expect(abs(modulator.description.refreshRate - 1000 / 3) < 1e-9)
    device.set { $0.statusDelay = 5 }
    let handle = try #require(try await modulator.upload(patterns(1, of: modulator.description)).first)
    let receipt = try await modulator.show(handle)
    #expect(receipt == PresentationReceipt(handle: handle, time: 1000, evidence: .estimated(bound: 3_000_000)))
    let commands = device.state.withLock { $0.commands }
    #expect(commands.suffix(7) == [0x1A24] + [UInt16](repeating: 0x1A0C, count: 6))
    #expect(device.state.withLock { $0.runs })
  }

  @Test("a sequencer that never starts is a fault with the device's reason, and the next try works")
  func stuck() async throws {
    let modulator = try await open()
    let handle = try #require(try await modulator.upload(patterns(1, of: modulator.description)).first)
    device.set {
      $0.statusDelay = 1_000_000
      $0.hardwareStatus = 0x41
    }
    device.state.withLock { $0.runs = false }
    let expected = DeviceError.failed(
      device: "DLPC900", operation: "starting the sequence",
      reason: "the sequencer gave up; check exposure and dark time")
    await #expect(throws: expected) { try await modulator.show(handle) }
    #expect(await modulator.state == .fault("\(expected)"))
    device.set { $0.statusDelay = 0 }
    device.state.withLock { $0.pendingStatus = [] }
    _ = try await modulator.show(handle)
    #expect(await modulator.state == .running)
  }

  @Test("a refused definition names the reason, and what the device holds is loaded anew after it")
  func refused() async throws {
    let modulator = try await open()
    let patterns = patterns(3, of: modulator.description)
    let handles = try await modulator.upload(patterns)
    _ = try await modulator.show(handles[0])
    device.set { $0.refuses = (0x1A32, 15) }
    await #expect(throws: DeviceError.self) { try await modulator.show(handles[1]) }
    // The device may have lost its memory meanwhile.
    device.state.withLock { state in
      state.faults.refuses = nil
      state.images = [:]
      state.table = [:]
    }
    _ = try await modulator.show(handles[2])
    #expect(device.shown.last == patterns[2].levels)
  }

  @Test("released patterns are unknown, those of the same batch stay, and the panel keeps what it shows")
  func released() async throws {
    let modulator = try await open()
    let patterns = patterns(3, of: modulator.description)
    let handles = try await modulator.upload(patterns)
    _ = try await modulator.show(handles[1])
    await modulator.release([handles[0], handles[1]])
    #expect(device.state.withLock { $0.runs })
    #expect(device.shown.last == patterns[1].levels)
    for handle in handles.prefix(2) {
      await #expect(throws: DeviceError.unknownPattern(device: "DLPC900")) { try await modulator.show(handle) }
    }
    _ = try await modulator.show(handles[2])
    #expect(device.shown.last == patterns[2].levels)
    await modulator.release(handles)
    await #expect(throws: DeviceError.unknownPattern(device: "DLPC900")) { try await modulator.show(handles[2]) }
  }

  @Test("patterns of the wrong size or with levels that the panel does not have are refused before anything is sent")
  func invalidPatterns() async throws {
    let modulator = try await open()
    let before = device.state.withLock { $0.commands.count }
    await #expect(
      throws: DeviceError.wrongPatternSize(device: "DLPC900", expected: [1024, 768], found: [10, 10])
    ) { try await modulator.upload([Pattern(width: 10, height: 10)]) }
    await #expect(throws: DeviceError.levelOutOfRange(device: "DLPC900", level: 2, greyLevels: 2)) {
      try await modulator.upload([Pattern(width: 1024, height: 768, level: 2)])
    }
    #expect(device.state.withLock { $0.commands.count } == before)
  }

  @Test("after an unplug at any moment, reconnecting shows the safe pattern and everything works again")
  func unplug() async throws {
    for reports in stride(from: 0, to: 120, by: 7) {
      let device = FakeController()
      let modulator = try await open(device: device)
      let patterns = patterns(2, of: modulator.description)
      let handles = try await modulator.upload(patterns)
      device.set { $0.reportsUntilGone = reports }
      await #expect(throws: DeviceError.disconnected(device: "fake", reason: "unplugged")) {
        for _ in 0..<20 { _ = try await modulator.show(handles[0]) }
      }
      #expect(await modulator.state == .disconnected)
      await #expect(throws: DeviceError.disconnected(device: "fake", reason: "unplugged")) {
        try await modulator.reconnect()
      }
      device.state.withLock { state in
        state = FakeController.State(panel: .dlp5500)
        state.power = 1
      }
      try await modulator.reconnect()
      #expect(await modulator.state == .ready)
      #expect(device.shown.last?.allSatisfy { $0 == 0 } == true)
      await #expect(throws: DeviceError.unknownPattern(device: "DLPC900")) { try await modulator.show(handles[1]) }
      let again = try await modulator.upload(patterns)
      _ = try await modulator.show(again[1])
      #expect(device.shown.last == patterns[1].levels)
    }
  }

  @Test("a device that is not back yet counts as disconnected, so that somebody tries again")
  func notBackYet() async throws {
    let device = device
    let gone = Gone()
    let modulator = try await DLPC900Modulator.open(settings: DLPC900Settings(), clock: clock) {
      if gone.value { throw DeviceError.absent(device: "DLPC900", present: []) }
      return device
    }
    gone.value = true
    await #expect(throws: DeviceError.disconnected(device: "DLPC900", reason: "it has not come back")) {
      try await modulator.reconnect()
    }
    #expect(await modulator.state == .disconnected)
    await #expect(throws: DeviceError.disconnected(device: "DLPC900", reason: "it was not found again")) {
      try await modulator.showSafePattern()
    }
    gone.value = false
    try await modulator.reconnect()
    #expect(await modulator.state == .ready)
  }

  @Test("cancelling stops a load and leaves the modulator usable")
  func cancelled() async throws {
    let modulator = try await open()
    let patterns = patterns(2, of: modulator.description)
    let handles = try await modulator.upload(patterns)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      _ = try await modulator.show(handles[0])
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(device.shown.count == 1)
    _ = try await modulator.show(handles[1])
    #expect(device.shown.last == patterns[1].levels)
  }

  @Test("a cancelled task still gets the safe pattern onto the panel")
  func safeAfterCancellation() async throws {
    let modulator = try await open(["safeLevel": "1"])
    let handles = try await modulator.upload(patterns(1, of: modulator.description))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await #expect(throws: CancellationError.self) { try await modulator.show(handles[0]) }
      try await modulator.showSafePattern()
    }
    try await task.value
    #expect(device.shown.count == 2 && device.shown.last?.allSatisfy { $0 == 1 } == true)
    #expect(device.state.withLock { $0.runs })
    #expect(await modulator.state == .ready)
  }

  @Test("a device that was just opened shows the safe pattern, whatever it showed before")
  func safeAfterOpening() async throws {
    device.state.withLock { $0.runs = true }
    let modulator = try await open(["safeLevel": "1"])
    #expect(device.shown == [[UInt8](repeating: 1, count: 1024 * 768)])
    #expect(await modulator.state == .ready)
  }

  @Test("patterns held for the device are bounded, and released ones make room")
  func heldLimit() async throws {
    let device = device
    // Each image of equal rows takes 48 bytes of header, 5 of a run, 767 copies of 4, and 3.
    let modulator = try await DLPC900Modulator.open(settings: DLPC900Settings(), clock: clock, heldLimit: 8000) {
      device
    }
    let white = Pattern(width: 1024, height: 768, level: 1)
    let first = try await modulator.upload([white])
    let second = try await modulator.upload([white])
    await #expect(throws: DeviceError.self) { try await modulator.upload([white]) }
    await modulator.release(first)
    _ = try await modulator.upload([white])
    _ = try await modulator.show(second[0])
    #expect(device.shown.last == white.levels)
  }

  @Test("a device in standby is woken up")
  func standby() async throws {
    device.state.withLock { $0.power = 1 }
    _ = try await open()
    #expect(device.state.withLock { $0.power } == 0)
  }

  @Test("a device with a fault, of another model or of none is refused when it is opened")
  func wrongDevice() async throws {
    device.set { $0.hardwareStatus = 0x10 }
    await #expect(throws: DeviceError.self) { try await open() }
    // What went wrong in a sequence before is no reason.
    device.set { $0.hardwareStatus = 0xCD }
    _ = try await open()
    await #expect(
      throws: DeviceError.invalidSetting(
        device: "DLPC900", setting: "model", value: "dlp6500", accepted: "dlp5500, which it is")
    ) { try await open(["model": "dlp6500"]) }
    device.state.withLock { $0.saysWhatItIs = false }
    await #expect(throws: DeviceError.self) { try await open() }
    #expect(try await open(["model": "dlp5500"]).description.width == 1024)
    let half = FakeController(.dlp9000)
    half.set { $0.hardwareStatus = 0x01 }
    await #expect(
      throws: DeviceError.failed(
        device: "DLPC900", operation: "preparing the device",
        reason: "the controller of the right half does not answer")
    ) { try await open(device: half) }
  }
}

/// Whether the device is away.
private final class Gone: Sendable {
  private let storage = Locked(false)
  var value: Bool {
    get { storage.withLock { $0 } }
    set { storage.withLock { $0 = newValue } }
  }
}
