import BenchTestKit
import Concurrency
import Devices
import Measuring
import Testing
import V4L2

@Suite("A stream of frames")
struct StreamTests {
  private let clock = StageClock()
  private let millisecond: UInt64 = 1_000_000

  /// A camera of 4×2 pixels at 100 frames per second with a millisecond of exposure, started at 1 s.
  private func started(_ settings: [String: String] = [:], _ ports: ScriptedPort...) async throws -> V4L2Camera {
    let camera = try await opened(settings, ports)
    try await camera.start()
    return camera
  }

  private func opened(
    _ settings: [String: String] = [:], _ ports: [ScriptedPort], failing errors: [DeviceError] = []
  ) async throws -> V4L2Camera {
    let all = ["device": "/dev/script", "exposure": "0.001", "readout": "0.002"].merging(settings) { $1 }
    let opens = Locked(0)
    return try await V4L2Camera.open(CameraConfiguration(all), clock: clock) { _ in
      let open = opens.withLock { count in
        defer { count += 1 }
        return count
      }
      if open > 0, open <= errors.count { throw errors[open - 1] }
      return ports[min(open < 1 ? 0 : open - errors.count, ports.count - 1)]
    }
  }

  private func time(_ milliseconds: UInt64) -> UInt64 { 1_000_000_000 + milliseconds * millisecond }

  /// A frame that is complete at a time and was stamped a tenth of a millisecond before.
  private func add(
    _ port: ScriptedPort, at milliseconds: UInt64, _ sequence: UInt32, content: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8],
    used: Int = 8, erroneous: Bool = false, index: Int = 0
  ) {
    let buffer = FilledBuffer(
      index: index, used: used, sequence: sequence, timestamp: time(milliseconds) - 100_000, erroneous: erroneous)
    port.at(time(milliseconds), .frame(buffer, content: content))
  }

  @Test("frames come in order with pixels, number, times and faults, and every buffer goes back")
  func frames() async throws {
    let port = ScriptedPort(clock: clock)
    add(port, at: 10, 7)
    add(port, at: 20, 8, erroneous: true)
    add(port, at: 30, 10, used: 7)
    add(port, at: 40, 11, used: 4_000_000)
    let camera = try await started([:], port)
    #expect(port.queued.count == 4)
    var frames: [Frame] = []
    for _ in 0..<4 { frames.append(try await camera.nextFrame(deadline: time(100))) }
    #expect(frames[0].pixels == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(frames.map(\.sequence) == [7, 8, 10, 11])
    #expect(frames.map(\.flags) == [[], .error, .incomplete, []])
    #expect(frames[0].exposureEnd == time(10) - 100_000)
    #expect(frames[0].exposureStart == time(7) - 100_000)
    #expect(port.queued.count == 4)
    #expect(await camera.state == .running)
  }

  @Test("frames that were stamped before the start are not delivered")
  func oldFrames() async throws {
    let port = ScriptedPort(clock: clock)
    for sequence in 0..<6 {
      let old = FilledBuffer(index: 0, used: 8, sequence: UInt32(sequence), timestamp: time(0) - 1, clock: .unknown)
      port.at(time(0), .frame(old, content: [9]))
    }
    add(port, at: 10, 90)
    let camera = try await started([:], port)
    #expect(try await camera.nextFrame(deadline: time(50)).sequence == 90)
  }

  @Test("a silent camera throws at the deadline, and the stream goes on")
  func silence() async throws {
    let port = ScriptedPort(clock: clock)
    add(port, at: 500, 3)
    let camera = try await started([:], port)
    await #expect(throws: DeviceError.noFrame(device: "Scripted")) { try await camera.nextFrame(deadline: time(300)) }
    #expect(clock.now >= time(300) && clock.now <= time(301))
    #expect(port.longestWait <= 20)
    #expect(try await camera.nextFrame(deadline: time(900)).sequence == 3)
  }

  @Test("a frame that is there is delivered even after the deadline")
  func late() async throws {
    let port = ScriptedPort(clock: clock)
    add(port, at: 10, 3)
    let camera = try await started([:], port)
    clock.advance(to: time(50))
    #expect(try await camera.nextFrame(deadline: time(20)).sequence == 3)
  }

  @Test("a cancelled wait ends")
  func cancellation() async throws {
    let camera = try await started([:], ScriptedPort(clock: clock))
    let task = Task { try await camera.nextFrame(deadline: .max) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("a stop gets through to a waiting camera")
  func stopWhileWaiting() async throws {
    let port = ScriptedPort(clock: clock)
    let camera = try await started([:], port)
    let task = Task { try await camera.nextFrame(deadline: .max) }
    await camera.stop()
    await #expect(throws: DeviceError.notRunning(device: "Scripted")) { try await task.value }
    #expect(!port.isStreaming)
  }

  @Test("errors of the stream close it; those of a device that is gone say so")
  func errors() async throws {
    for (event, gone) in [
      (ScriptedPort.Event.failure(5), false), (.failure(32), false), (.pollError, false), (.failure(19), true),
      (.failure(6), true),
    ] {
      let port = ScriptedPort(clock: clock)
      let camera = try await started([:], port)
      port.at(clock.now + millisecond, event)
      let error = await #expect(throws: DeviceError.self) { try await camera.nextFrame(deadline: .max) }
      if gone {
        guard case .disconnected("Scripted", _)? = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(await camera.state == .disconnected)
      } else {
        guard case .failed("Scripted", _, _)? = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        guard case .fault = await camera.state else {
          Issue.record("no fault")
          continue
        }
      }
      #expect(port.isClosed)
      await #expect(throws: DeviceError.notRunning(device: "Scripted")) { try await camera.nextFrame(deadline: .max) }
    }
  }

  @Test("buffers that cannot be, and calls that fail at the start or afterwards, are errors and no crash")
  func faults() async throws {
    let strange = ScriptedPort(clock: clock)
    let camera = try await started([:], strange)
    add(strange, at: 10, 1, index: 99)
    await #expect(throws: DeviceError.self) { try await camera.nextFrame(deadline: .max) }
    for call in ["allocateBuffers", "queue", "startStreaming"] {
      let port = ScriptedPort(clock: clock)
      port.failing[call] = 22
      let camera = try await opened([:], [port])
      await #expect(throws: DeviceError.self) { try await camera.start() }
      #expect(port.isClosed)
    }
    let busy = ScriptedPort(clock: clock)
    busy.failing["startStreaming"] = 16
    let waiting = try await opened([:], [busy])
    let error = await #expect(throws: DeviceError.self) { try await waiting.start() }
    guard case .inUse? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(busy.queued.isEmpty)
    busy.failing = [:]
    try await waiting.start()
    let none = ScriptedPort(clock: clock)
    none.grantedBuffers = 0
    let bare = try await opened([:], [none])
    await #expect(throws: DeviceError.self) { try await bare.start() }
    let later = ScriptedPort(clock: clock)
    let running = try await started([:], later)
    later.at(clock.now + millisecond, .frame(FilledBuffer(index: 0, used: 8, sequence: 0, timestamp: 0), content: [1]))
    later.failing["queue"] = 22
    await #expect(throws: DeviceError.self) { try await running.nextFrame(deadline: .max) }
  }

  // MARK: - Reconnecting

  @Test("after a failure the camera is opened anew with the settings that were in force")
  func reconnect() async throws {
    let (first, second) = (ScriptedPort(clock: clock), ScriptedPort(clock: clock))
    for port in [first, second] { port.controls[0x009a_0902] = ControlRange(values: 1...5000, standard: 156) }
    second.period = 0.2
    let camera = try await started([:], first, second)
    _ = try await camera.apply(CameraSettings(exposure: 0.005, frameRate: 50))
    try await camera.start()
    first.at(clock.now, .failure(19))
    await #expect(throws: DeviceError.self) { try await camera.nextFrame(deadline: .max) }
    try await camera.reconnect()
    #expect(await camera.state == .ready)
    #expect(second.values[0x009a_0902] == 50)
    #expect(second.period == 0.02)
    try await camera.start()
    second.at(clock.now + millisecond, .frame(FilledBuffer(index: 0, used: 8, sequence: 0, timestamp: 0), content: [1]))
    #expect(try await camera.nextFrame(deadline: .max).sequence == 0)
  }

  @Test("the serial number is that of the camera that is open now")
  func serial() async throws {
    let (first, second) = (ScriptedPort(clock: clock), ScriptedPort(clock: clock))
    (first.identity.serial, second.identity.serial) = ("A1", "B2")
    let camera = try await started([:], first, second)
    #expect(await camera.serial == "A1")
    try await camera.reconnect()
    #expect(await camera.serial == "B2")
  }

  @Test("a camera without controls comes back with its own frame rate, and is set again")
  func reconnectWithoutControls() async throws {
    let (first, second) = (ScriptedPort(clock: clock), ScriptedPort(clock: clock))
    second.period = 0.2
    let configuration = try CameraConfiguration(["device": "/dev/script", "frameRate": "50"])
    let opens = Locked(0)
    let camera = try await V4L2Camera.open(configuration, clock: clock) { _ in
      opens.withLock { count in
        count += 1
        return count == 1 ? first : second
      }
    }
    try await camera.reconnect()
    #expect(second.period == 0.02)
  }

  @Test("as long as the node is missing, or not ours yet, the camera counts as unplugged")
  func notBackYet() async throws {
    let errors = [
      DeviceError.absent(device: "/dev/script", present: []), .noPermission(path: "/dev/script", group: "video"),
      .disconnected(device: "/dev/script", reason: "opening: No such device"),
    ]
    let ports = [ScriptedPort(clock: clock), ScriptedPort(clock: clock)]
    let camera = try await opened([:], ports, failing: errors)
    for _ in errors {
      let error = await #expect(throws: DeviceError.self) { try await camera.reconnect() }
      #expect(error?.mayRecover == true)
      #expect(error?.device == "Scripted")
      #expect(await camera.state == .disconnected)
    }
    try await camera.reconnect()
    #expect(ports[0].isClosed)
    #expect(await camera.state == .ready)
  }

  @Test("another camera at the same path is not taken for the one that went")
  func otherCamera() async throws {
    let (first, card, size) = (ScriptedPort(clock: clock), ScriptedPort(clock: clock), ScriptedPort(clock: clock))
    card.identity.card = "Another"
    size.current.width = 2
    let camera = try await opened([:], [first, card, size, size])
    for port in [card, size] {
      let error = await #expect(throws: DeviceError.self) { try await camera.reconnect() }
      guard case .notADevice("/dev/script", _, _)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(port.isClosed)
    }
    #expect(CameraIdentity(card: "C", driver: "d", bus: "usb-1").matches(.init(card: "C", driver: "d", bus: "usb-2.1")))
    #expect(!CameraIdentity(card: "C", driver: "d", bus: "usb-1").matches(.init(card: "C", driver: "d", bus: "PCI:1")))
  }

  // MARK: - New settings

  @Test("frames that may have been exposed with the old settings are flagged")
  func newExposure() async throws {
    let port = ScriptedPort(clock: clock)
    port.controls[0x009a_0902] = ControlRange(values: 1...5000, standard: 10)
    for frame in 1...9 { add(port, at: 10 * UInt64(frame), UInt32(frame)) }
    let camera = try await started([:], port)
    _ = try await camera.nextFrame(deadline: .max)
    _ = try await camera.apply(CameraSettings(exposure: 0.002))
    var flags: [Frame.Flags] = []
    for _ in 2...9 { flags.append(try await camera.nextFrame(deadline: .max).flags) }
    // In force from 10 ms + two periods + the exposure on, and the exposure ends 2 ms of readout before the timestamp.
    #expect(flags == [.error, .error, [], [], [], [], [], []])
    #expect(port.starts == 1)
  }

  @Test("another frame rate interrupts the stream, and the numbers go on")
  func newFrameRate() async throws {
    let port = ScriptedPort(clock: clock)
    add(port, at: 10, 400)
    let camera = try await started([:], port)
    #expect(try await camera.nextFrame(deadline: .max).sequence == 400)
    _ = try await camera.apply(CameraSettings(exposure: 0.001, frameRate: 200))
    #expect(port.starts == 2)
    add(port, at: 20, 0)
    #expect(try await camera.nextFrame(deadline: .max).sequence == 401)
  }

  @Test("an interrupted stream goes on after a refusal, and a camera that then fails is closed to be opened anew")
  func failedInterruption() async throws {
    let refusing = ScriptedPort(clock: clock)
    refusing.controls[0x009a_0902] = ControlRange(values: 1...5000, standard: 156)
    let camera = try await started([:], refusing)
    await #expect(throws: DeviceError.self) {
      try await camera.apply(CameraSettings(exposure: 9, frameRate: 200))
    }
    #expect(refusing.isStreaming && refusing.starts == 2 && refusing.period == 0.01)
    #expect(await camera.state == .running)
    for call in ["setValue", "startStreaming"] {
      let port = ScriptedPort(clock: clock)
      port.controls[0x009a_0902] = ControlRange(values: 1...5000, standard: 156)
      let camera = try await started([:], port)
      // Busy, which does not count as a failure elsewhere.
      port.failing[call] = 16
      let error = await #expect(throws: DeviceError.self) {
        try await camera.apply(CameraSettings(exposure: 0.002, frameRate: 200))
      }
      #expect(error?.mayRecover == true && port.isClosed)
      guard case .fault = await camera.state else {
        Issue.record("the camera is \(await camera.state)")
        continue
      }
      port.failing = [:]
      try await camera.start()
      #expect(port.isStreaming)
    }
  }

  // MARK: - Numbers

  @Test("the 32-bit count of the driver goes on behind its end, and steps back stay steps back")
  func sequence() {
    var counter = SequenceCounter()
    let numbers: [UInt64] = [
      4_294_967_290, 4_294_967_295, 4_294_967_296, 4_294_967_300, 4_294_967_299, 8_589_934_000 - 3_000_000_000,
    ]
    #expect(numbers.map { counter.number(UInt32(truncatingIfNeeded: $0)) } == numbers)
    var small = SequenceCounter()
    #expect(small.number(3) == 3)
    #expect(small.number(1) == 1)
    #expect(small.number(UInt32.max) == 0)
  }
}
