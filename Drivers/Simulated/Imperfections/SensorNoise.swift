/// Noise of the light and of the sensor.
public struct SensorNoise: Sendable, Codable, Equatable {
  /// Relative standard deviation of the laser's power from frame to frame.
  public var laser: Double
  /// Whether photo-electrons are counted with shot noise.
  public var shot: Bool
  /// Electrons at full scale.
  public var fullWell: Double
  /// Standard deviation of the read-out in electrons.
  public var read: Double

  public init(laser: Double = 0.01, shot: Bool = true, fullWell: Double = 20e3, read: Double = 5) {
    self.laser = laser
    self.shot = shot
    self.fullWell = fullWell
    self.read = read
  }

  /// A sensor that only digitises.
  public static let none = SensorNoise(laser: 0, shot: false, read: 0)
}
