import Foundation

/// Noise of the light and of the sensor.
public struct SensorNoise: Sendable, Codable, Equatable {
  /// Relative standard deviation of the laser's power from frame to frame.
  public var laser: Double
  /// How far the power swings up and down, as a part of it, and how often in a second.
  public var flicker: Double
  public var flickerFrequency: Double
  /// Whether photo-electrons are counted with shot noise.
  public var shot: Bool
  /// Electrons at full scale.
  public var fullWell: Double
  /// Standard deviation of the read-out in electrons.
  public var read: Double

  public init(
    laser: Double = 0.01, flicker: Double = 0, flickerFrequency: Double = 100, shot: Bool = true,
    fullWell: Double = 20e3, read: Double = 5
  ) {
    self.laser = laser
    self.flicker = flicker
    self.flickerFrequency = flickerFrequency
    self.shot = shot
    self.fullWell = fullWell
    self.read = read
  }

  /// The mean of the swinging power over an exposure, around 1; times in seconds.
  func swing(from start: Double, over exposure: Double) -> Double {
    guard flicker > 0 else { return 1 }
    let half = .pi * flickerFrequency * exposure
    let part = half > 0 ? sin(half) / half : 1
    return 1 + flicker * part * sin(2 * .pi * flickerFrequency * start + half)
  }

  /// A sensor that only digitises.
  public static let none = SensorNoise(laser: 0, shot: false, read: 0)
}
