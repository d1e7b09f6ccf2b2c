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
