import BenchTestKit
import Concurrency
import Devices
import Measuring
import Testing

@Suite("Raw work with the devices of a bench")
struct BenchInstrumentTests {
  private let clock = StageClock()
  private let unit = FakeUnit()
  private let layers: ScriptedPanel
  private let input: ScriptedPanel
  private let camera: ScriptedCamera
  private let instrument: BenchInstrument

  init() {
    layers = ScriptedPanel(name: "layers", clock: clock)
    input = ScriptedPanel(name: "input", clock: clock)
    camera = ScriptedCamera(clock: clock) { number, settings in
      [UInt16](repeating: UInt16(settings.exposure * 1e6) + UInt16(number % 7), count: 6)
    }
    instrument = BenchInstrument(unit: unit, modulators: [layers, input], camera: camera, clock: clock)
  }

  private func pattern(_ level: UInt8) -> Pattern { Pattern(width: 4, height: 3, level: level) }

  @Test(
    "a pattern is on the modulator that was named, after the bench was made safe, and nothing is left on the device")
  func show() async throws {
    try await unit.start()
    clock.advance(to: 5_000_000_000)
    let receipt = try await instrument.show(pattern(9), on: "input")
    #expect(receipt.time == 5_000_000_000 && receipt.evidence == .acknowledged)
    #expect(input.present.shown == pattern(9) && layers.present.shown == nil)
    #expect(input.present.held.isEmpty)
    #expect(unit.stops == 1)
    try await instrument.showSafePatterns()
    #expect(input.present.shown == nil && input.present.safeCount == 1 && layers.present.safeCount == 1)
  }

  @Test("a modulator that does not exist is refused before anything is touched")
  func unknown() async throws {
    await #expect(throws: BenchError.unknownModulator(name: "mirror", known: ["layers", "input"])) {
      try await instrument.show(pattern(1), on: "mirror")
    }
    #expect(unit.stops == 0)
    #expect(try instrument.modulator().description.name == "layers")
  }

  @Test("a pattern that the device does not take leaves the safe one")
  func failure() async throws {
    let failure = DeviceError.failed(device: "layers", operation: "showing", reason: "no light")
    layers.change { $0.failure = failure }
    await #expect(throws: failure) { try await instrument.show(pattern(1), on: "layers") }
    #expect(layers.present.shown == nil && layers.present.safeCount == 1)
    let large = Pattern(width: 5, height: 3)
    await #expect(throws: DeviceError.self) { try await instrument.show(large, on: "input") }
    #expect(input.present.safeCount == 1)
  }

  @Test("frames are raw, begin after the call, and follow one another; a camera that was idle is idle again")
  func frames() async throws {
    clock.advance(to: 1_234_567_890)
    let series = try await instrument.expose(3)
    #expect(series.frames.map(\.sequence) == [124, 125, 126])
    #expect(series.frames.allSatisfy { $0.exposureStart >= 1_234_567_890 })
    #expect(series.frames[0].pixels == [UInt16](repeating: 1000 + 124 % 7, count: 6))
    #expect(series.settings.exposure == 1e-3)
    #expect(camera.present.state == .ready && camera.present.starts == 1)
  }

  @Test("settings are read back as the camera took them, and those of before are in force again")
  func settings() async throws {
    let series = try await instrument.expose(with: CameraSettings(exposure: 0.0020004, gain: 2))
    #expect(series.settings == CameraSettings(exposure: 0.002, gain: 2))
    #expect(series.frames[0].exposureEnd - series.frames[0].exposureStart == 2_000_000)
    #expect(camera.present.settings == CameraSettings(exposure: 1e-3))
    await #expect(throws: DeviceError.self) { try await instrument.expose(with: CameraSettings(exposure: 1)) }
    #expect(camera.present.settings == CameraSettings(exposure: 1e-3))
  }

  @Test("a series that fails leaves the settings of before, and the camera stopped")
  func interrupted() async throws {
    let gone = DeviceError.disconnected(device: "camera", reason: "unplugged")
    camera.change { $0.failure = gone }
    await #expect(throws: gone) { try await instrument.expose(with: CameraSettings(exposure: 5e-3)) }
    #expect(camera.present.settings.exposure == 1e-3 && camera.present.state == .ready)
  }

  @Test("between two series of one exposure no frame is lost")
  func continuous() async throws {
    let numbers = try await instrument.whileExposing {
      let first = try await instrument.expose(2).frames
      let second = try await instrument.expose(2, from: first[1].exposureEnd).frames
      return (first + second).map(\.sequence)
    }
    #expect(numbers == Array(numbers[0]..<numbers[0] + 4))
    #expect(camera.present.starts == 1)
  }

  @Test("dark frames are taken with the safe patterns on every modulator")
  func dark() async throws {
    try await instrument.show(pattern(200), on: "input")
    let seen = Locked<[Pattern?]>([])
    let camera = ScriptedCamera(clock: clock) { [input] _, _ in
      seen.withLock { $0.append(input.present.shown) }
      return [UInt16](repeating: 3, count: 6)
    }
    let instrument = BenchInstrument(unit: unit, modulators: [layers, input], camera: camera, clock: clock)
    #expect(try await instrument.exposeDark(2).frames.count == 2)
    #expect(seen.withLock { $0 } == [nil, nil])
  }

  @Test("the camera's limits are those it states")
  func limits() async throws {
    let limits = await instrument.camera.limits
    #expect(limits.exposure == 1e-6...1e-2 && limits.gain == 1...16)
    #expect(instrument.camera.description.bitDepth == 12)
  }
}
