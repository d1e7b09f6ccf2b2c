import Arrays

/// How a noisy image, which is signed, becomes an image that a modulator can show: 1 + gain·clamp(x, ±limit), divided by
/// its largest value. A small gain keeps the light bright and the modulation nearly linear.
public struct InputScaling: Sendable, Codable, Equatable {
  public var gain: Float
  public var limit: Float

  public init(gain: Float = 0.2, limit: Float = 4) {
    self.gain = gain
    self.limit = limit
  }

  /// Values in 0…1.
  public func callAsFunction(_ noisy: Stack<Float>) -> Stack<Float> {
    var result = noisy
    let scale = 1 / (1 + gain * limit)
    for index in result.values.indices {
      result.values[index] = max(0, (1 + gain * min(max(noisy.values[index], -limit), limit)) * scale)
    }
    return result
  }
}
