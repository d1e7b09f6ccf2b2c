import Diffusion
import Training

/// Loads what a training job needs: images to learn and images to judge by.
enum TrainingMaterial {
  /// Images that judge, at most.
  private static let testImages = 1000

  /// - Parameter size: pixels along each side.
  static func load(
    dataset: String, classes: [Int]?, size: Int, seed: UInt64
  ) async throws -> ModelTraining.Material {
    try await FileReading.run { try read(dataset: dataset, classes: classes, size: size, seed: seed) }
  }

  private static func read(
    dataset: String, classes: [Int]?, size: Int, seed: UInt64
  ) throws -> ModelTraining.Material {
    let source = try DatasetSource(parsing: dataset)
    let training = try source.load(classes: classes, size: size, split: .train, seed: seed)
    let test = try source.load(classes: classes, size: size, split: .test, seed: seed)
    let name = classes.map { "\(source) classes \($0.map(String.init).joined(separator: ","))" } ?? "\(source)"
    return try ModelTraining.Material(
      training: training.images, test: test.images.planes(0..<min(testImages, test.images.count)), name: name)
  }
}
