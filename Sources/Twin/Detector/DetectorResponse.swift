import Optics

/// The electronics of a detector: gain·exposure·power·I + offset, clipped at saturation, converted to whole codes.
struct DetectorResponse<Scalar: OpticsScalar>: Sendable {
  /// Output per unit of intensity.
  let factor: Scalar
  private let offset: Scalar
  /// The outputs between which a sample does not clip.
  private let lowest: Scalar
  private let highest: Scalar
  /// Output per code of the converter; 0 without one.
  private let step: Scalar

  init(_ detector: DetectorDescription, _ variables: DetectorVariables) throws(TwinError) {
    factor = Scalar(variables.gain * variables.exposure * variables.power)
    offset = Scalar(variables.offset)
    var highest = Double.infinity
    if let saturation = detector.saturation {
      guard saturation.isFinite, saturation > 0 else {
        throw .description("the detector saturates at \(saturation), expected a positive output")
      }
      highest = saturation
    }
    if let bits = detector.bits {
      guard (1...32).contains(bits) else { throw .description("the detector has \(bits) bits, expected 1…32") }
      guard let fullScale = detector.fullScale, fullScale.isFinite, fullScale > 0 else {
        throw .description("a detector of \(bits) bits needs fullScale, the positive output of its largest code")
      }
      highest = min(highest, fullScale)
      step = Scalar(fullScale / Double((1 << bits) - 1))
      lowest = 0
    } else {
      step = 0
      lowest = -.infinity
    }
    self.highest = Scalar(highest)
  }

  /// Whether outputs clip or are rounded, so that the derivative depends on them.
  var isNonlinear: Bool { highest.isFinite || step > 0 }

  /// Turns mean intensities into outputs.
  func apply(_ samples: UnsafeMutablePointer<Scalar>, count: Int) {
    for index in 0..<count { samples[index] = factor * samples[index] + offset }
    guard isNonlinear else { return }
    for index in 0..<count { samples[index] = min(max(samples[index], lowest), highest) }
    guard step > 0 else { return }
    for index in 0..<count { samples[index] = (samples[index] / step).rounded() * step }
  }

  /// Whether an output follows the mean intensity: it does not clip. Rounding is passed straight through (Bengio et al.,
  /// arXiv 1308.3432).
  @inline(__always)
  func follows(_ mean: Scalar) -> Bool {
    let output = factor * mean + offset
    return output >= lowest && output <= highest
  }
}
