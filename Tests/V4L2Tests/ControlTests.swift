import BenchTestKit
import Devices
import Measuring
import Testing
import V4L2

/// Numbers of the kernel's interface, written out: linux/v4l2-controls.h.
private enum Control {
  static let brightness: UInt32 = 0x0098_0900
  static let contrast: UInt32 = 0x0098_0901
  static let autoWhiteBalance: UInt32 = 0x0098_090c
  static let gamma: UInt32 = 0x0098_0910
  static let exposureLines: UInt32 = 0x0098_0911
  static let autogain: UInt32 = 0x0098_0912
  static let gain: UInt32 = 0x0098_0913
  static let horizontalFlip: UInt32 = 0x0098_0914
  static let powerLine: UInt32 = 0x0098_0918
  static let sharpness: UInt32 = 0x0098_091b
  static let backlight: UInt32 = 0x0098_091c
  static let exposureAuto: UInt32 = 0x009a_0901
  static let exposureAbsolute: UInt32 = 0x009a_0902
  static let exposurePriority: UInt32 = 0x009a_0903
  static let wideDynamicRange: UInt32 = 0x009a_0915
  static let sceneMode: UInt32 = 0x009a_091a
  static let hdr: UInt32 = 0x009a_0924
  static let testPattern: UInt32 = 0x009f_0903
}

@Suite("What a camera is told, and what it does")
struct ControlTests {
  private let clock = StageClock()
  private let millisecond: UInt64 = 1_000_000

  /// A webcam with everything on that may be on, at 100 frames per second.
  private func webcam(_ prepare: (ScriptedPort) -> Void = { _ in }) -> ScriptedPort {
    let port = ScriptedPort(clock: clock)
    func add(_ identifier: UInt32, _ values: ClosedRange<Int>, _ standard: Int, now: Int) {
      port.controls[identifier] = ControlRange(values: values, standard: standard)
      port.values[identifier] = now
    }
    add(Control.exposureAuto, 0...3, 3, now: 3)
    add(Control.exposureAbsolute, 1...5000, 156, now: 50)
    add(Control.gain, 0...255, 64, now: 200)
    for identifier in [
      Control.autogain, Control.autoWhiteBalance, Control.exposurePriority, Control.wideDynamicRange,
      Control.horizontalFlip,
    ] { add(identifier, 0...1, 1, now: 1) }
    add(Control.backlight, 0...4, 2, now: 3)
    add(Control.sharpness, 1...7, 4, now: 5)
    add(Control.brightness, -64...64, 8, now: 50)
    add(Control.contrast, 0...95, 32, now: 90)
    add(Control.powerLine, 0...3, 1, now: 2)
    add(Control.hdr, 0...2, 0, now: 1)
    add(Control.sceneMode, 0...13, 0, now: 4)
    add(Control.testPattern, 0...5, 0, now: 3)
    prepare(port)
    return port
  }

  private func open(_ settings: [String: String] = [:], _ ports: ScriptedPort...) async throws -> V4L2Camera {
    let all = ["device": "/dev/script", "readout": "0.002"].merging(settings) { $1 }
    let shelf = Shelf(ports)
    return try await V4L2Camera.open(CameraConfiguration(all), clock: clock) { _ in shelf.next() }
  }

  /// Hands out ports one after the other, the last again and again.
  private final class Shelf: @unchecked Sendable {
    private var ports: [ScriptedPort]
    init(_ ports: [ScriptedPort]) { self.ports = ports }
    func next() -> ScriptedPort { ports.count > 1 ? ports.removeFirst() : ports[0] }
  }

  private func time(_ milliseconds: UInt64) -> UInt64 { 1_000_000_000 + milliseconds * millisecond }

  private func add(_ port: ScriptedPort, at milliseconds: UInt64, _ sequence: UInt32) {
    let buffer = FilledBuffer(index: 0, used: 8, sequence: sequence, timestamp: time(milliseconds) - 100_000)
    port.at(time(milliseconds), .frame(buffer, content: [1, 2, 3, 4, 5, 6, 7, UInt8(truncatingIfNeeded: sequence)]))
  }

  private let wanted: [UInt32: Int] = [
    Control.exposureAuto: 1, Control.exposureAbsolute: 20, Control.gain: 128, Control.autogain: 0,
    Control.autoWhiteBalance: 0, Control.exposurePriority: 0, Control.wideDynamicRange: 0, Control.backlight: 0,
    Control.sharpness: 1, Control.brightness: 8, Control.contrast: 32, Control.powerLine: 0,
  ]
  /// Those that lie still while the stream runs; another value would show for a moment.
  private let still: [UInt32: Int] = [
    Control.horizontalFlip: 0, Control.hdr: 0, Control.sceneMode: 0, Control.testPattern: 0,
  ]

  /// Protects: pictures in proportion to light, pixel for pixel.
  @Test("whatever changes pictures by itself is off, and what scales them is standard")
  func neutral() async throws {
    let port = webcam()
    let camera = try await open(["exposure": "0.002", "gain": "2"], port)
    for (identifier, value) in wanted.merging(still, uniquingKeysWith: { $1 }) {
      #expect(port.values[identifier] == value, "\(String(identifier, radix: 16))")
    }
    #expect(await camera.warnings.isEmpty)
  }

  /// Protects: the place of pixels, and the dark.
  @Test("zoom, pan, tilt and privacy are undone, lights of the camera are off, and compression is the least")
  func optics() async throws {
    // Number, range, standard, value before and after; linux/v4l2-controls.h.
    let rows: [(UInt32, ClosedRange<Int>, Int, Int, Int)] = [
      (0x009a_090d, 100...400, 150, 220, 100), (0x009a_0908, -36000...36000, 0, 7200, 0),
      (0x009a_0909, -36000...36000, 0, -3600, 0), (0x009a_0920, -4...4, 0, 2, 0), (0x009a_0921, -4...4, 0, 2, 0),
      (0x009a_0910, 0...1, 0, 1, 0), (0x009a_0917, 0...9, 3, 8, 3), (0x0098_0925, 0...1, 0, 1, 0),
      (0x0098_0926, 0...1, 1, 1, 0), (0x009c_0901, 0...2, 0, 2, 0), (0x009c_0909, 3...9, 5, 7, 3),
      (0x009d_0903, 1...95, 80, 40, 95), (0x009f_0904, 0...3, 1, 2, 0), (0x0098_091e, 0...1, 0, 1, 0),
      (0x0098_0924, 0...9, 4, 7, 4),
    ]
    let port = webcam { port in
      for (identifier, values, standard, now, _) in rows {
        port.controls[identifier] = ControlRange(values: values, standard: standard)
        port.values[identifier] = now
      }
      // The user's own: focus and iris.
      for identifier: UInt32 in [0x009a_090a, 0x009a_0911] {
        port.controls[identifier] = ControlRange(values: 0...255, standard: 0)
        port.values[identifier] = 77
      }
    }
    let camera = try await open(["exposure": "0.002"], port)
    for (identifier, _, _, _, wanted) in rows {
      #expect(port.values[identifier] == wanted, "\(String(identifier, radix: 16))")
    }
    #expect(port.values[0x009a_090a] == 77 && port.values[0x009a_0911] == 77)
    #expect(await camera.warnings.isEmpty)
    let stuck = webcam { port in
      port.controls[0x009a_090d] = ControlRange(values: 100...400, standard: 150)
      port.values[0x009a_090d] = 220
      port.refusing[0x009a_090d] = 13
    }
    let warned = try await open(["exposure": "0.002"], stuck)
    #expect(await warned.warnings.contains { $0.contains("zoom is 220") && $0.contains("magnified part") })
  }

  @Test("an exposure longer than a frame is refused with the file, before a camera is looked for")
  func longExposure() throws {
    #expect {
      _ = try CameraConfiguration(["device": "/dev/video0", "exposure": "8", "frameRate": "100"])
    } throws: { error in
      guard case DeviceError.invalidSetting(_, "exposure", "8", let accepted)? = error as? DeviceError else {
        return false
      }
      return accepted.contains("at most 0.01 s") && accepted.contains("seconds")
    }
    #expect(throws: Never.self) {
      try CameraConfiguration(["device": "/dev/video0", "exposure": "0.01", "frameRate": "100"])
    }
    #expect {
      _ = try CameraConfiguration(["device": "/dev/video0", "exposure": "5ms"])
    } throws: { error in
      "\(error)".contains("written without the unit")
    }
    #expect(throws: DeviceError.self) {
      try CameraConfiguration(["device": "/dev/video0", "width": "0640", "height": "480"])
    }
  }

  /// Protects: an exposure that the sensor really has, when the driver forgets it and goes on reporting it.
  @Test("settings that the start of the stream undid are in force again, after every start")
  func forgetful() async throws {
    let (port, second) = (webcam { $0.forgetsAtStart = true }, webcam { $0.forgetsAtStart = true })
    let camera = try await open(["exposure": "0.002", "gain": "2"], port, second)
    func check(_ port: ScriptedPort, _ changes: [UInt32: Int] = [:]) {
      for (identifier, value) in wanted.merging(changes, uniquingKeysWith: { $1 }) {
        #expect(port.taken[identifier] == value, "\(String(identifier, radix: 16))")
      }
      for (identifier, value) in still { #expect(port.values[identifier] == value) }
    }
    try await camera.start()
    check(port)
    await camera.stop()
    try await camera.start()
    check(port)
    // Another frame rate interrupts the stream.
    _ = try await camera.apply(CameraSettings(exposure: 0.003, gain: 1, frameRate: 50))
    #expect(port.starts == 3)
    check(port, [Control.exposureAbsolute: 30, Control.gain: 64])
    // So does a refusal on the way there.
    await #expect(throws: DeviceError.self) {
      try await camera.apply(CameraSettings(exposure: 9, gain: 1, frameRate: 25))
    }
    #expect(port.starts == 4)
    check(port, [Control.exposureAbsolute: 30, Control.gain: 64])
    port.at(clock.now, .failure(19))
    await #expect(throws: DeviceError.self) { try await camera.nextFrame(deadline: .max) }
    try await camera.reconnect()
    try await camera.start()
    check(second, [Control.exposureAbsolute: 30, Control.gain: 64])
  }

  /// Protects: no frame that was exposed with other settings is credited to a pattern.
  @Test("frames whose exposure began before the settings were in force again are flagged, after a resumption, too")
  func earlyFrames() async throws {
    let port = webcam { $0.forgetsAtStart = true }
    for frame in 1...5 { add(port, at: 10 * UInt64(frame), UInt32(frame)) }
    let camera = try await open(["exposure": "0.002"], port)
    try await camera.start()
    var flags: [Frame.Flags] = []
    for _ in 1...5 { flags.append(try await camera.nextFrame(deadline: .max).flags) }
    // Settled after two periods and an exposure, 22 ms; an exposure begins 4.1 ms before the frame is there.
    #expect(flags == [.error, .error, [], [], []])
    _ = try await camera.apply(CameraSettings(exposure: 0.002, gain: 1, frameRate: 200))
    for frame in 11...15 { add(port, at: 5 * UInt64(frame), UInt32(frame)) }
    flags = []
    for _ in 1...5 { flags.append(try await camera.nextFrame(deadline: .max).flags) }
    // From 50 ms on the same with half the period: until 62 ms.
    #expect(flags == [.error, .error, .error, [], []])
  }

  /// Protects: the matcher counts such frames and credits none of them.
  @Test("a matcher rejects the early frames and counts them as erroneous")
  func matched() async throws {
    let port = webcam()
    for frame in 1...4 { add(port, at: 10 * UInt64(frame), UInt32(frame)) }
    let camera = try await open(["exposure": "0.002"], port)
    try await camera.start()
    var matcher = FrameMatcher(blackLevel: 0, rejectsIdenticalFrames: false, distrustsGaps: false)
    matcher.expect(.init(settled: time(0), light: false))
    var credited: [UInt64] = []
    for _ in 1...4 {
      let frame = try await camera.nextFrame(deadline: .max)
      if matcher.judge(frame, now: clock.now) == .accepted { credited.append(frame.sequence) }
    }
    #expect(credited.first == 3)
    #expect(matcher.report.erroneous == 2)
  }

  @Test("a value that the driver rounds or cuts without a word is told with what it made of it")
  func rounded() async throws {
    let port = webcam {
      $0.rounding[Control.exposureAbsolute] = { min($0, 64) }
      $0.rounding[Control.gain] = { $0 & ~31 }
    }
    let camera = try await open(["exposure": "0.009", "gain": "1.2"], port)
    let warnings = await camera.warnings
    #expect(warnings.contains("exposure: 0.009 s was asked for, and the camera made 0.0064 s of it"))
    #expect(warnings.contains("gain: 1.2 times was asked for, and the camera made 1.0 times of it"))
    #expect(warnings.count == 2)
    // A value of the grid is as near as can be, and no deviation.
    _ = try await camera.apply(CameraSettings(exposure: 0.00123, gain: 1))
    #expect(await camera.warnings.isEmpty)
    port.rounding[Control.exposureAbsolute] = { $0 * 2 }
    try await camera.start()
    #expect(await camera.warnings.contains { $0.hasPrefix("exposure control is 24, and the camera did not take 12") })
  }

  @Test("a control that stays on, or cannot be set, is a warning with what follows")
  func stubborn() async throws {
    let port = webcam {
      $0.rounding[Control.autogain] = { _ in 1 }
      $0.refusing[Control.backlight] = 22
    }
    let camera = try await open([:], port)
    #expect(
      await camera.warnings == [
        "automatic gain is 1, and the camera did not take 0: the brightness of pictures changes by itself",
        "backlight compensation is 3, and it cannot be set to 0: values are not in proportion to light",
      ])
    // Only the first changes pictures by itself.
    let automatic = await camera.warnings.first ?? ""
    #expect(await camera.effects == [DeviceEffect(.automatic, automatic)])
    // A device that fails is not taken for one that refuses.
    let dead = webcam { $0.refusing[Control.backlight] = 5 }
    await #expect(throws: DeviceError.self) { try await open([:], dead) }
    #expect(dead.isClosed)
  }

  @Test("an automatic exposure that does not end is refused")
  func stubbornExposure() async throws {
    let port = webcam { $0.rounding[Control.exposureAuto] = { _ in 3 } }
    let error = await #expect(throws: DeviceError.self) { try await open([:], port) }
    #expect("\(String(describing: error))".contains("automatic exposure"))
  }

  @Test("gamma is 1 where its unit is known or stated, and a warning elsewhere")
  func gamma() async throws {
    let gamma = ControlRange(values: 64...300, standard: 120)
    let uvc = webcam {
      $0.identity.driver = "uvcvideo"
      $0.controls[Control.gamma] = gamma
    }
    #expect(try await open([:], uvc).warnings.isEmpty)
    #expect(uvc.values[Control.gamma] == 100)
    let other = webcam { $0.controls[Control.gamma] = gamma }
    let warnings = try await open([:], other).warnings
    #expect(
      warnings.count == 1 && warnings[0].hasPrefix("gamma is 120 of 64…300") && warnings[0].contains("linearGamma"))
    let stated = webcam { $0.controls[Control.gamma] = gamma }
    #expect(try await open(["linearGamma": "90"], stated).warnings.isEmpty)
    #expect(stated.values[Control.gamma] == 90)
  }

  @Test("controls of a driver's own that sound like processing, and are on, are named")
  func strangers() async throws {
    let port = webcam {
      $0.names = [
        0x0098_f900: "3D Noise Reduction", 0x0098_f901: "Lens Shading Correction", 0x0098_f902: "Sensor Temperature",
        Control.autogain: "Gain, Automatic",
      ]
      $0.values[0x0098_f900] = 2
      $0.values[0x0098_f902] = 41
    }
    #expect(
      try await open([:], port).warnings == [
        "the control '3D Noise Reduction' is 2 and is left so: see with v4l2-ctl whether it changes pictures by itself"
      ])
  }

  @Test("ranges are those of the format and frame rate at hand")
  func ranges() async throws {
    let port = webcam()
    port.controlWithinPeriod = Control.exposureAbsolute
    let camera = try await open(["exposure": "0.002"], port)
    #expect(try await camera.apply(CameraSettings(exposure: 0.03, gain: 1, frameRate: 25)).exposure > 0.02999)
    // Back again, an exposure of 20 ms is as impossible as at the beginning.
    _ = try await camera.apply(CameraSettings(exposure: 0.002, gain: 1, frameRate: 100))
    await #expect(throws: DeviceError.self) { try await camera.apply(CameraSettings(exposure: 0.02, gain: 1)) }
  }

  @Test("an exposure that is longer than a frame tells of a wrong unit or rate")
  func impossibleExposure() async throws {
    let camera = try await open(["exposure": "0.05"], webcam())
    #expect(await camera.warnings.contains { $0.hasPrefix("an exposure of 0.05 s is longer than a frame at 100.0") })
  }
}
