/// A device that takes frames.
public protocol Camera: Sendable {
  var description: CameraDescription { get }
  var state: DeviceState { get async }
  /// What the camera may do to its pictures although the driver asked for something else, one sentence each.
  var warnings: [String] { get async }

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

/// Settings of a camera.
public struct CameraSettings: Sendable, Codable, Equatable {
  /// Exposure time in seconds.
  public var exposure: Double
  /// Amplification of the signal before it is digitised; 1 fills the range at full well.
  public var gain: Double
  /// Frames per second; nil leaves it to the device.
  public var frameRate: Double?

  public init(exposure: Double, gain: Double = 1, frameRate: Double? = nil) {
    self.exposure = exposure
    self.gain = gain
    self.frameRate = frameRate
  }
}
