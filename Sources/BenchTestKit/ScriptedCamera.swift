import Concurrency
import Devices
import Measuring

/// A camera whose frames a test writes. Frame k is exposed from k periods on, on the clock that it is given.
public final class ScriptedCamera: Camera {
  /// What a test can look at and change.
  public struct Script: Sendable {
    public var state = DeviceState.ready
    public var serial: String?
    public var settings = CameraSettings(exposure: 1e-3)
    public var limits = CameraLimits(exposure: 1e-6...1e-2, gain: 1...16)
    /// Everything that was applied, in order.
    public var applied: [CameraSettings] = []
    /// How often it was started.
    public var starts = 0
    /// Thrown by the next frames.
    public var failure: DeviceError?
    fileprivate var next: UInt64 = 0
  }

  public let description: CameraDescription
  private let clock: StageClock
  private let pixels: @Sendable (_ frame: UInt64, CameraSettings) -> [UInt16]
  private let script = Locked(Script())

  /// - Parameter pixels: the content of a frame by its number, taken with the settings in force.
  public init(
    name: String = "camera", width: Int = 3, height: Int = 2, bitDepth: Int = 12, frameRate: Double = 100,
    clock: StageClock = StageClock(),
    pixels: @escaping @Sendable (_ frame: UInt64, CameraSettings) -> [UInt16]
  ) {
    description = CameraDescription(
      name: name, driver: "scripted", width: width, height: height, bitDepth: bitDepth, frameRate: frameRate)
    self.clock = clock
    self.pixels = pixels
  }

  public var present: Script { script.withLock { $0 } }

  public func change(_ body: (inout Script) -> Void) { script.withLock { body(&$0) } }

  public var state: DeviceState { get async { present.state } }
  public var serial: String? { get async { present.serial } }
  public var settings: CameraSettings { get async { present.settings } }
  public var limits: CameraLimits { get async { present.limits } }

  /// Takes whole microseconds, and refuses what is beyond its limits.
  public func apply(_ settings: CameraSettings) async throws -> CameraSettings {
    let limits = present.limits
    for (setting, value, limit) in [
      ("exposure", settings.exposure, limits.exposure), ("gain", settings.gain, limits.gain),
    ] {
      if let limit, !limit.contains(value) {
        throw DeviceError.invalidSetting(
          device: description.name, setting: setting, value: "\(value)",
          accepted: "\(limit.lowerBound)…\(limit.upperBound)")
      }
    }
    var applied = settings
    applied.exposure = (settings.exposure * 1e6).rounded() * 1e-6
    script.withLock { script in
      script.settings = applied
      script.applied.append(settings)
    }
    return applied
  }

  public func start() async throws {
    script.withLock { script in
      script.state = .running
      script.starts += 1
      script.next = clock.now / period + 1
    }
  }

  public func stop() async { script.withLock { $0.state = .ready } }

  public func reconnect() async throws { await stop() }

  public func nextFrame(deadline: UInt64) async throws -> Frame {
    let (number, settings) = try script.withLock { script in
      if let failure = script.failure { throw failure }
      guard script.state == .running else { throw DeviceError.notRunning(device: description.name) }
      defer { script.next += 1 }
      return (script.next, script.settings)
    }
    let (start, exposure) = (number * period, nanoseconds(settings.exposure))
    guard start + exposure <= deadline else {
      clock.advance(to: deadline)
      throw DeviceError.noFrame(device: description.name)
    }
    clock.advance(to: start + exposure)
    return Frame(
      width: description.width, height: description.height, pixels: pixels(number, settings), sequence: number,
      exposureStart: start, exposureEnd: start + exposure)
  }

  /// Nanoseconds from one frame to the next.
  private var period: UInt64 { nanoseconds(1 / description.frameRate) }
}
