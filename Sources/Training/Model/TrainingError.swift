/// What can be wrong with training and its files.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  case noLayerSet(step: Int)
  case unreadableModel(path: String, reason: String)
  case diverged(set: String, step: Int)
  case argument(String)
  /// A checkpoint with which this training cannot resume.
  case checkpoint(String)
  /// The readout does not make one value for each pixel of an image of the detector's samples.
  case detector(height: Int, width: Int, size: Int, readout: String, samplesPerPixel: Int)

  public var description: String {
    switch self {
    case .noLayerSet(let step):
      return "the model has no trained layer set for step \(step); end the sampling above it or train that set"
    case .unreadableModel(let path, let reason):
      return "\(path) is not a model of this version: \(reason)"
    case .diverged(let set, let step):
      return "training of \(set) diverged at step \(step): the loss is not finite; lower the learning rates"
    case .detector(let height, let width, let size, let readout, let samplesPerPixel):
      return """
        the detector gives \(height)×\(width) samples, but for images of \(size)×\(size) pixels the readout \
        \(readout) needs \(size)×\(samplesPerPixel * size); choose detector.block and detector.region so \
        that they agree
        """
    case .argument(let message):
      return message
    case .checkpoint(let reason):
      return "training cannot resume from this checkpoint: \(reason); submit the training again"
    }
  }
}

extension TrainingError {
  /// - Throws: ``argument(_:)`` unless the condition holds.
  static func require(_ condition: Bool, _ expected: @autoclosure () -> String) throws {
    if !condition { throw argument("expected \(expected())") }
  }
}
