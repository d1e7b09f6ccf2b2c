import Arrays
import Foundation

/// How the bench moves in the course of its own time, in steps of an interval: linearly, and as a random walk.
public struct Drift: Sendable, Codable, Equatable {
  /// One number for each quantity that moves: the distance and the camera's shift in metres, angles in radians.
  public struct Rates: Sendable, Codable, Equatable {
    public var distance: Double
    public var mirrorX: Double
    public var mirrorY: Double
    public var beamX: Double
    public var beamY: Double
    public var cameraX: Double
    public var cameraY: Double

    public init(
      distance: Double = 0, mirrorX: Double = 0, mirrorY: Double = 0, beamX: Double = 0, beamY: Double = 0,
      cameraX: Double = 0, cameraY: Double = 0
    ) {
      self.distance = distance
      self.mirrorX = mirrorX
      self.mirrorY = mirrorY
      self.beamX = beamX
      self.beamY = beamY
      self.cameraX = cameraX
      self.cameraY = cameraY
    }

    static let all: [WritableKeyPath<Rates, Double> & Sendable] = [
      \.distance, \.mirrorX, \.mirrorY, \.beamX, \.beamY, \.cameraX, \.cameraY,
    ]
  }

  /// Per second.
  public var rate: Rates
  /// Standard deviation after one second; it grows with the square root of the time.
  public var walk: Rates
  /// How far everything swings to both sides, and how often in a second.
  public var vibration: Rates
  public var vibrationFrequency: Double
  /// Seconds for which the bench stands still before its next step.
  public var interval: Double

  public init(
    rate: Rates = Rates(), walk: Rates = Rates(), vibration: Rates = Rates(), vibrationFrequency: Double = 30,
    interval: Double = 1
  ) {
    self.vibration = vibration
    self.vibrationFrequency = vibrationFrequency
    self.rate = rate
    self.walk = walk
    self.interval = interval
  }

  public static let none = Drift()

  var isNone: Bool { rate == Rates() && walk == Rates() && vibration == Rates() }

  /// The number of steps done at a time in nanoseconds.
  func step(at time: UInt64) -> Int {
    isNone ? 0 : Int(min(Double(time) * 1e-9 / interval, Double(Drift.horizon - 1)))
  }

  /// How far everything has moved after a number of steps.
  package func displacement(after steps: Int, seed: UInt64) -> Rates {
    var moved = Rates()
    guard steps > 0 else { return moved }
    let random = CounterRandom(seed: seed).stream(named: "drift")
    let swing = sin(2 * .pi * vibrationFrequency * Double(steps) * interval)
    for (index, quantity) in Rates.all.enumerated() {
      let drifted = rate[keyPath: quantity] * Double(steps) * interval
      moved[keyPath: quantity] = drifted + vibration[keyPath: quantity] * swing
      let deviation = walk[keyPath: quantity] * interval.squareRoot()
      guard deviation > 0 else { continue }
      moved[keyPath: quantity] += deviation * Drift.brownian(UInt64(steps), random.child(UInt64(index)))
    }
    return moved
  }

  /// A random walk of unit steps after a number of them, by Lévy's construction: each point lies, but for a normal number,
  /// in the middle between two that are known.
  private static func brownian(_ steps: UInt64, _ random: CounterRandom) -> Double {
    var (start, length) = (0 as UInt64, horizon)
    var (left, right) = (0.0, Double(horizon).squareRoot() * random.normal(at: 0))
    while length > 1, start != steps {
      let half = length / 2
      let number = random.child(length).normal(at: start / length)
      let middle = (left + right) / 2 + (Double(length) / 4).squareRoot() * number
      if steps < start + half { right = middle } else { (left, start) = (middle, start + half) }
      length = half
    }
    return left
  }

  /// Steps of a random walk, a power of two.
  private static let horizon: UInt64 = 1 << 32
}
