import Arrays

/// Turns detector intensities into signed numbers: forward and backward.
///
/// The parameters live here, one readout per layer set; a further kind of readout is one more file that conforms.
public protocol Readout: Sendable {
  /// The trainable parameters, flat.
  var parameters: [Float] { get set }

  /// - Parameter intensities: `[batch, height, width]`.
  /// - Returns: signed values of the same shape, and what ``backward(_:_:)`` needs.
  func forward(_ intensities: Stack<Float>) -> ReadoutPass

  /// - Parameter gradient: ∂L/∂output.
  /// - Returns: ∂L/∂intensity and ∂L/∂parameters.
  func backward(_ pass: ReadoutPass, _ gradient: Stack<Float>) -> (intensities: Stack<Float>, parameters: [Float])
}

/// One use of a readout.
public struct ReadoutPass: Sendable {
  public let output: Stack<Float>
  /// The intensities after removal of mean and scale.
  let normalised: Stack<Float>
  /// What the intensities were divided by: per image, or one for all.
  let scales: [Float]
  /// Per-pixel standard deviation of the batch; empty where it plays no part.
  let deviations: [Float]
  /// The intensities divided by each frame's mean, and these means; unused by a z-score, which needs no division.
  var relative = Stack<Float>(count: 0, height: 0, width: 0)
  var powers: [Float] = []
}

/// The paper's readout: every image to zero mean and unit standard deviation, then one gain and one bias.
///
/// With gain 1 and bias 0, both fixed, it is the faithful one: the output has mean 0 and variance 1 whatever the detector's
/// gain and offset.
public struct ZScoreReadout: Readout {
  /// Gain and bias.
  public var parameters: [Float] {
    get { isAffine ? [gain, bias] : [] }
    set { if newValue.count == 2 { (gain, bias) = (newValue[0], newValue[1]) } }
  }
  public var gain: Float = 1
  public var bias: Float = 0
  /// Whether gain and bias are trained.
  public let isAffine: Bool

  public init(isAffine: Bool = false) { self.isAffine = isAffine }

  public func forward(_ intensities: Stack<Float>) -> ReadoutPass {
    var normalised = intensities
    var scales: [Float] = []
    for plane in 0..<intensities.count {
      let range = intensities.range(ofPlane: plane)
      let count = Float(range.count)
      let mean = intensities.values[range].reduce(0, +) / count
      let variance = intensities.values[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      let scale = max(variance.squareRoot(), .leastNormalMagnitude)
      for index in range { normalised.values[index] = (intensities.values[index] - mean) / scale }
      scales.append(scale)
    }
    var output = normalised
    for index in output.values.indices { output.values[index] = gain * output.values[index] + bias }
    return ReadoutPass(output: output, normalised: normalised, scales: scales, deviations: [])
  }

  public func backward(
    _ pass: ReadoutPass, _ gradient: Stack<Float>
  ) -> (intensities: Stack<Float>, parameters: [Float]) {
    var result = gradient
    var gainGradient: Float = 0
    var biasGradient: Float = 0
    for plane in 0..<gradient.count {
      let range = gradient.range(ofPlane: plane)
      let count = Float(range.count)
      var sum: Float = 0
      var projection: Float = 0
      for index in range {
        sum += gradient.values[index]
        projection += gradient.values[index] * pass.normalised.values[index]
      }
      gainGradient += projection
      biasGradient += sum
      for index in range {
        let centred = gradient.values[index] - sum / count - pass.normalised.values[index] * projection / count
        result.values[index] = gain * centred / pass.scales[plane]
      }
    }
    return (result, isAffine ? [gainGradient, biasGradient] : [])
  }
}
