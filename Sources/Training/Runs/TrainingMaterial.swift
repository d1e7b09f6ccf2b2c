import Arrays
import Scores
import Twin

/// The images that a model learns from and is judged by, and what judges a denoiser of them.
public struct TrainingMaterial: Sendable {
  public let training: DenoisingData
  public let test: DenoisingData
  public let baseline: GaussianBaseline
  public let name: String

  /// - Parameters: images in 0…1; the Wiener baseline is fitted to at most 4000 of the training images.
  public init(training: Stack<Float>, test: Stack<Float>, name: String) throws {
    self.training = DenoisingData(images: training)
    self.test = DenoisingData(images: test)
    var chosen = Array(0..<training.count)
    var generator = CounterRandom(seed: 0).stream(named: "baseline").generator()
    chosen.shuffle(using: &generator)
    baseline = try GaussianBaseline(
      self.training.images.planes(at: Array(chosen.prefix(4000))), scored: self.test.images)
    self.name = name
  }

  /// - Throws: ``TrainingError/detector(height:width:size:readout:samplesPerPixel:)`` unless the readout makes one value for
  ///   each pixel of the bench's detector samples.
  func check(_ twin: Twin<Float>, _ method: Method) throws {
    let (height, width) = try twin.detectorShape()
    let size = twin.description.input.size
    let output = method.readout.make(height * width).outputShape(height: height, width: width)
    guard let output, output == (size, size), training.images.width == size, training.images.height == size else {
      throw TrainingError.detector(
        height: height, width: width, size: size, readout: method.readout.name,
        samplesPerPixel: method.readout.samplesPerPixel)
    }
  }
}
