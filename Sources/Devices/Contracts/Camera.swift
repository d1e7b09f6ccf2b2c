import Measuring

/// A device that takes frames.
public protocol Camera: Sendable {
  var description: CameraDescription { get }
  var state: DeviceState { get async }
  /// What the camera may do to its pictures although the driver asked for something else, one sentence each.
  var warnings: [String] { get async }
  /// Those of the warnings that have a name.
  var effects: [DeviceEffect] { get async }
  /// The USB bus that the camera is on, such as `usb1`; nil for one elsewhere, and where that is not known.
  var bus: String? { get async }

  /// The serial number of the device that is open now; nil when it has none that tells it from others of its kind. A bench whose
  /// device was exchanged is recognised by it.
  var serial: String? { get async }

  /// What is in force: what was applied last, as the device took it.
  var settings: CameraSettings { get async }
  /// How far its settings go, as the device says now; another frame rate or format may change it.
  var limits: CameraLimits { get async }

  /// Applies the settings as far as the device can and returns those that are in force.
  func apply(_ settings: CameraSettings) async throws -> CameraSettings

  /// Starts the acquisition; frames of an earlier one are gone.
  func start() async throws

  func stop() async

  /// The oldest frame not delivered yet, or the next one.
  ///
  /// - Parameter deadline: nanoseconds on the clock of the bench.
  /// - Throws: ``DeviceError/noFrame(device:)`` when none is complete by then.
  func nextFrame(deadline: UInt64) async throws -> Frame

  /// Closes the device and opens it again with the settings that were in force, after an error that
  /// ``DeviceError/mayRecover``. It is stopped then.
  func reconnect() async throws
}

extension Camera {
  public var warnings: [String] { get async { [] } }
  public var effects: [DeviceEffect] { get async { [] } }
  public var bus: String? { get async { nil } }
  public var serial: String? { get async { nil } }
  public var limits: CameraLimits { get async { CameraLimits() } }
}

/// What a camera is.
public struct CameraDescription: Sendable, Codable, Equatable {
  public var name: String
  public var driver: String
  /// Pixels of a frame.
  public var width: Int
  public var height: Int
  /// Bits of a pixel, at most 16; full scale is 2^bits − 1.
  public var bitDepth: Int
  /// Frames per second.
  public var frameRate: Double
  /// Whether a gap in the sequence numbers means that something went wrong on the way, so that a lost frame may turn up
  /// later. False for a camera that overwrites the frames that nobody fetched.
  public var gapsAreFaults: Bool

  public init(
    name: String, driver: String, width: Int, height: Int, bitDepth: Int, frameRate: Double, gapsAreFaults: Bool = true
  ) {
    self.name = name
    self.driver = driver
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.frameRate = frameRate
    self.gapsAreFaults = gapsAreFaults
  }

  /// The value of a saturated pixel.
  public var fullScale: UInt16 { UInt16((1 << min(max(bitDepth, 1), 16)) - 1) }
}

/// How far the settings of a camera go. Its pixels and bits are in its ``CameraDescription``.
public struct CameraLimits: Sendable, Codable, Equatable {
  /// Exposure times in seconds; nil when the camera does not say, or has no control for it.
  public var exposure: ClosedRange<Double>?
  /// Gains; nil when the camera does not say, or has no control for it.
  public var gain: ClosedRange<Double>?

  public init(exposure: ClosedRange<Double>? = nil, gain: ClosedRange<Double>? = nil) {
    self.exposure = exposure
    self.gain = gain
  }
}
