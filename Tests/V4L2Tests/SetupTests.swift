import BenchTestKit
import Devices
import Measuring
import Testing
import V4L2

@Suite("Agreeing with a camera on format, size, region and settings")
struct SetupTests {
  private let clock = StageClock()

  private func port(_ prepare: (ScriptedPort) -> Void = { _ in }) -> ScriptedPort {
    let port = ScriptedPort(clock: clock)
    prepare(port)
    return port
  }

  private func open(_ settings: [String: String] = [:], _ port: ScriptedPort) async throws -> V4L2Camera {
    let configuration = try CameraConfiguration(settings.merging(["device": "/dev/script"]) { $1 })
    return try await V4L2Camera.open(configuration, clock: clock) { _ in port }
  }

  /// The message of the error that opening throws.
  private func refusal(_ settings: [String: String] = [:], _ port: ScriptedPort) async -> String {
    do {
      _ = try await open(settings, port)
      return "(opened)"
    } catch { return "\(error)" }
  }

  // MARK: - Format and size

  @Test("the deepest grey format is taken, at the largest size of the list")
  func deepest() async throws {
    let port = port {
      $0.formats = [PixelFormat.yuyv, .grey, .y12, .mjpeg, .y10].map(\.fourCC)
      $0.offeredSizes = [
        .discrete(width: 4, height: 2), .discrete(width: 8, height: 4), .discrete(width: 2, height: 9),
      ]
    }
    let camera = try await open([:], port)
    #expect(
      camera.description
        == CameraDescription(name: "Scripted", driver: "v4l2", width: 8, height: 4, bitDepth: 12, frameRate: 100))
    #expect(port.current.fourCC == PixelFormat.y12.fourCC)
  }

  @Test("a 12-bit camera in 16-bit words has 12 bits, whatever the side")
  func bits() async throws {
    for side in ["left", "right"] {
      let camera = try await open(["bits": "12", "justified": side], port { $0.formats = [PixelFormat.y16.fourCC] })
      #expect(camera.description.fullScale == 4095)
    }
  }

  /// Protects: no picture of 12 bits is taken for a dark one of 16.
  @Test("a format that does not tell its depth needs the bench file's word, and is not taken without")
  func depth() async throws {
    for (name, format) in [
      ("Y16", PixelFormat.y16), ("Y16_BE", .y16BigEndian), ("SRGGB16", try #require(PixelFormat(rawValue: "SRGGB16"))),
    ] {
      let message = await refusal(["format": name], port { $0.formats = [format.fourCC] })
      #expect(message.contains("how many bits of \(name) the sensor uses, 8…16") && message.contains("justified"))
      let camera = try await open(["format": name, "bits": "10"], port { $0.formats = [format.fourCC] })
      #expect(camera.description.fullScale == 1023)
    }
    #expect(await refusal([:], port { $0.formats = [PixelFormat.y16.fourCC] }).contains("how many bits of Y16"))
    let both = port { $0.formats = [PixelFormat.y16.fourCC, PixelFormat.y10.fourCC] }
    let camera = try await open([:], both)
    #expect(camera.description.bitDepth == 10)
    #expect(await camera.warnings.contains { $0.hasPrefix("Y16 may have more bits than Y10") && $0.contains("bits") })
    let stated = try await open(["bits": "12"], port { $0.formats = [PixelFormat.y16.fourCC, PixelFormat.y10.fourCC] })
    #expect(stated.description.bitDepth == 12)
  }

  @Test("the range of a luma is what the driver says, or the bench file")
  func lumaRange() async throws {
    let content: [UInt8] = [16, 99, 235, 99, 126, 99, 255, 99, 16, 99, 16, 99, 16, 99, 16, 99]
    for (settings, isLimited, expected) in [
      ([:], true, [0, 255, 128, 255]), ([:], false, [16, 235, 126, 255]),
      (["lumaRange": "full"], true, [16, 235, 126, 255]),
      (["lumaRange": "limited"], false, [0, 255, 128, 255]),
    ] as [([String: String], Bool, [UInt16])] {
      let port = port {
        $0.formats = [PixelFormat.yuyv.fourCC]
        $0.adjust = { $0.isLimited = isLimited }
      }
      let camera = try await open(settings.merging(["format": "YUYV"]) { $1 }, port)
      #expect(
        await camera.warnings.contains { $0.contains(expected[0] == 0 ? "16 to 235 are taken" : "0 to 255 are taken") })
      try await camera.start()
      port.at(clock.now, .frame(FilledBuffer(index: 0, used: 16, sequence: 0, timestamp: 0), content: content))
      #expect(Array(try await camera.nextFrame(deadline: .max).pixels.prefix(4)) == expected)
    }
    #expect(await refusal(["format": "GREY", "lumaRange": "full"], port()).contains("lumaRange"))
  }

  @Test("pictures in several memories, and rows that are too short for their numbers, are refused")
  func layouts() async {
    #expect(await refusal([:], port { $0.adjust = { $0.planes = 2 } }).contains("2 separate memories"))
    let packed = port {
      $0.formats = [PixelFormat.y10Packed.fourCC]
      $0.offeredSizes = [.discrete(width: 6, height: 2)]
      $0.adjust = { ($0.bytesPerLine, $0.size) = (8, 16) }
    }
    #expect(await refusal([:], packed).contains("8 bytes per line"))
  }

  @Test("what is not there is refused with what is")
  func refusals() async {
    let colour = port { $0.formats = [PixelFormat.yuyv.fourCC, 0x3231_564e] }
    #expect(await refusal([:], colour).contains("there is YUYV"))
    #expect(colour.isClosed)
    #expect(await refusal(["format": "Y16"], port()).contains("how many bits of Y16 the sensor uses"))
    #expect(
      await refusal(["format": "Y16", "bits": "12"], port()).contains("the format Y16 is not supported; there is GREY"))
    let other = port {
      $0.offeredSizes = [.discrete(width: 4, height: 2)]
      $0.adjust = { $0.width = 4 }
    }
    #expect(
      await refusal(["width": "6", "height": "2"], other)
        == "Scripted: 6×2 in GREY is not supported; there is 4×2, 4×2 in GREY, which the camera offers instead")
    #expect(await refusal([:], port { $0.adjust = { $0.progressive = false } }).contains("interlaced"))
    #expect(await refusal(["justified": "left"], port()).contains("left is not accepted; give right for GREY"))
    let huge = port { $0.offeredSizes = [.discrete(width: 1 << 32 - 1, height: 1 << 32 - 1)] }
    #expect(await refusal([:], huge) == "(opened)")
    #expect((huge.current.width, huge.current.height) == (4, 2))
    #expect(await refusal([:], port { $0.adjust = { $0.bytesPerLine = 3 } }).contains("3 bytes per line"))
    #expect(await refusal([:], port { $0.adjust = { $0.size = 7 } }).contains("7 per frame"))
    #expect(await refusal([:], port { $0.adjust = { $0.height = 0 } }).contains("not supported"))
    #expect(
      await refusal(
        ["format": "MJPEG"],
        port {
          $0.formats = [PixelFormat.mjpeg.fourCC]
          $0.current.width = 0
        }
      ).contains("cannot be"))
    #expect(await refusal([:], port { $0.formats = [] }).contains("no program writes to it"))
    #expect(await refusal(["bits": "12"], port()).contains("bits 12 is not accepted; give 8 for GREY"))
    #expect(await refusal([:], port { $0.failing["setLayout"] = 16 }).contains("uses it"))
  }

  @Test("settings that contradict one another or are unknown are refused before the device is opened")
  func settings() async {
    for (settings, word) in [
      (["x": "1"], "both coordinates"), (["x": "1", "y": "2"], "size of the region"), (["width": "8"], "both sides"),
      (["format": "Y12", "bits": "10"], "12, or leave it out"), (["format": "GREY", "justified": "left"], "Y16"),
      (["bufers": "4"], "'bufers'"), (["buffers": "1"], "2…32"), (["exposure": "nan"], "exposure nan"),
      (["timestamp": "middle"], "start, end, auto"),
    ] {
      let port = port()
      #expect(await refusal(settings, port).contains(word))
      #expect(port.queued.isEmpty && !port.isClosed)
    }
    #expect(throws: DeviceError.self) { try CameraConfiguration([:]) }
  }

  // MARK: - Region

  @Test("a region is set, and checked to be the one asked for")
  func region() async throws {
    let bounds = SensorRegion(x: 0, y: 0, width: 100, height: 50)
    let asked = ["x": "8", "y": "6", "width": "40", "height": "20"]
    let able = port { $0.regions = [.bounds: bounds, .standard: bounds, .inForce: bounds] }
    let camera = try await open(asked, able)
    #expect(able.regions[.inForce] == SensorRegion(x: 8, y: 6, width: 40, height: 20))
    #expect((camera.description.width, camera.description.height) == (40, 20))

    let coarse = port {
      $0.regions = [.bounds: bounds, .inForce: bounds]
      $0.adjustRegion = { $0.x &= ~15 }
    }
    let message = await refusal(asked, coarse)
    #expect(message.contains("regions inside 100×50 at (0, 0)"))
    #expect(message.contains("40×20 at (0, 6)"))
    #expect(await refusal(asked, port()).contains("nothing of the kind"))
  }

  @Test("without a region the whole sensor is read, whatever was set before")
  func wholeSensor() async throws {
    let whole = SensorRegion(x: 0, y: 0, width: 100, height: 50)
    let port = port { $0.regions = [.standard: whole, .inForce: SensorRegion(x: 8, y: 8, width: 16, height: 16)] }
    let camera = try await open([:], port)
    #expect(port.regions[.inForce] == whole)
    #expect((camera.description.width, camera.description.height) == (100, 50))
  }

  // MARK: - Controls

  // Numbers of the kernel's interface, written out: linux/v4l2-controls.h.
  private let exposureAuto: UInt32 = 0x009a_0901
  private let exposureAbsolute: UInt32 = 0x009a_0902
  private let exposureLines: UInt32 = 0x0098_0911
  private let autogain: UInt32 = 0x0098_0912
  private let gain: UInt32 = 0x0098_0913

  private func webcam() -> ScriptedPort {
    port {
      $0.controls = [
        exposureAuto: ControlRange(values: 0...3, standard: 3),
        exposureAbsolute: ControlRange(values: 1...5000, standard: 156),
        autogain: ControlRange(values: 0...1, standard: 1), gain: ControlRange(values: 0...255, standard: 64),
      ]
      $0.values = [gain: 200]
    }
  }

  @Test("everything automatic is switched off, and the gain is its standard")
  func automatics() async throws {
    let port = webcam()
    _ = try await open([:], port)
    #expect(port.values[exposureAuto] == 1)
    #expect(port.values[autogain] == 0)
    #expect(port.values[gain] == 64)
  }

  @Test("exposure and gain are set by value, and what the camera made of them is returned")
  func values() async throws {
    let port = webcam()
    let camera = try await open(["exposure": "0.01", "gain": "2"], port)
    #expect(port.values[exposureAbsolute] == 100)
    #expect(port.values[gain] == 128)
    let applied = try await camera.apply(CameraSettings(exposure: 0.00123, gain: 1.01, frameRate: 50))
    #expect(port.values[exposureAbsolute] == 12)
    #expect(abs(applied.exposure - 0.0012) < 1e-12)
    #expect(applied.gain == 65.0 / 64)
    #expect(applied.frameRate == 50)
    for settings in [
      CameraSettings(exposure: 1), CameraSettings(exposure: 1e-5), CameraSettings(exposure: 0.01, gain: 9),
    ] {
      await #expect(throws: DeviceError.self) { try await camera.apply(settings) }
    }
    #expect(port.values[exposureAbsolute] == 12)
  }

  @Test("an exposure that only a lower frame rate allows is accepted with it, and one that is refused changes nothing")
  func exposureWithinPeriod() async throws {
    let port = webcam()
    port.controlWithinPeriod = exposureAbsolute
    let camera = try await open(["exposure": "0.009"], port)
    #expect(port.values[exposureAbsolute] == 90)
    let applied = try await camera.apply(CameraSettings(exposure: 0.03, gain: 2, frameRate: 25))
    #expect((applied.exposure * 1e4).rounded() == 300 && applied.frameRate == 25)
    for refused in [
      CameraSettings(exposure: 0.03, gain: 1, frameRate: 100), CameraSettings(exposure: 0.03, gain: 9, frameRate: 30),
      CameraSettings(exposure: 0.05, gain: 1),
    ] {
      await #expect(throws: DeviceError.self) { try await camera.apply(refused) }
      #expect(port.values[exposureAbsolute] == 300 && port.values[gain] == 128 && port.period == 0.04)
    }
    #expect(await camera.state == .ready)
  }

  @Test("an exposure in a unit of the driver's own is only used when the unit is given")
  func lines() async throws {
    let prepare = { (port: ScriptedPort) in
      port.controls = [exposureLines: ControlRange(values: 4...1000, step: 4, standard: 100)]
    }
    let lines = port(prepare)
    let camera = try await open(["exposureUnit": "2e-5"], lines)
    let applied = try await camera.apply(CameraSettings(exposure: 0.00169))
    #expect(lines.values[exposureLines] == 84)
    #expect(abs(applied.exposure - 0.00168) < 1e-12)
    let unknown = try await open([:], port(prepare))
    await #expect(throws: DeviceError.self) { try await unknown.apply(CameraSettings(exposure: 0.00169)) }
  }

  @Test("a camera without controls keeps what it has: the exposure that the settings state, or a frame period")
  func withoutControls() async throws {
    let stated = try await open(["exposure": "0.002"], port())
    #expect(try await stated.apply(CameraSettings(exposure: 0.002)).exposure == 0.002)
    await #expect(throws: DeviceError.self) { try await stated.apply(CameraSettings(exposure: 0.003)) }
    let silent = try await open([:], port())
    #expect(try await silent.apply(CameraSettings(exposure: 0.01)).exposure == 0.01)
    #expect(try await silent.apply(CameraSettings(exposure: 0.02, frameRate: 50)).exposure == 0.02)
    #expect(await refusal(["gain": "2"], port()).contains("only 1.0 times"))
  }

  @Test("a camera that does not tell its frame rate has the one that the settings state, and needs it")
  func frameRate() async throws {
    let prepare = { (port: ScriptedPort) in
      port.period = nil
      port.settablePeriod = false
    }
    #expect(await refusal([:], port(prepare)).contains("the setting frameRate"))
    #expect(try await open(["frameRate": "25"], port(prepare)).description.frameRate == 25)
    #expect(await refusal(["frameRate": "25"], port { $0.settablePeriod = false }).contains("only 100.0 frames"))
    let silent = try await open(["frameRate": "25"], port(prepare))
    let dial = port(prepare)
    dial.controls[exposureAbsolute] = ControlRange(values: 1...5000, standard: 156)
    let dialled = try await open(["frameRate": "25"], dial)
    await #expect(throws: DeviceError.self) { try await dialled.apply(CameraSettings(exposure: 9, frameRate: 30)) }
    #expect(!dial.isClosed && dial.values[exposureAbsolute] == 156)
    for rate in [0, -1, 1e-12, 1e300, .nan] {
      await #expect(throws: DeviceError.self) {
        try await silent.apply(CameraSettings(exposure: 0.04, frameRate: rate))
      }
    }
  }

  // MARK: - Nodes

  @Test("what is no video node is refused with what it is")
  func nodes() throws {
    for (path, found) in [("/dev/null", "'mem'"), ("/", "a folder"), (#filePath, "a file")] {
      let error = #expect(throws: DeviceError.self) { try DevicePort(CaptureNode(path: path)) }
      guard case .notADevice(path, "a video capture node", let text)? = error else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
      #expect(text.contains(found))
    }
    let error = #expect(throws: DeviceError.self) { try CaptureNode(path: "/dev/odu/camera-that-is-not-there") }
    guard case .absent? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
