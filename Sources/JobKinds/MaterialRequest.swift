import Datasets
import Jobs
import Training

/// What a training job learns from and is judged by, as a client named it: read before the bench is taken.
struct MaterialRequest: Sendable {
  /// Images that judge, at most.
  private static let testImages = 1000

  let dataset: String
  let classes: [Int]?
  let seed: UInt64
  private var present: TrainingMaterial?

  /// - Throws: when this names no data set.
  init(dataset: String, classes: [Int]?, seed: UInt64) throws {
    _ = try DatasetSource(parsing: dataset)
    (self.dataset, self.classes, self.seed) = (dataset, classes, seed)
  }

  /// The same with its images read, in the size that the bench needs.
  func prepared(_ preparation: JobPreparation) async throws -> MaterialRequest {
    var prepared = self
    prepared.present = try await images(size: preparation.file.twin.input.size)
    return prepared
  }

  /// The images that were read, or others when the bench needs another size by now.
  ///
  /// - Parameter size: pixels along each side.
  func images(size: Int) async throws -> TrainingMaterial {
    if let present, present.training.images.height == size { return present }
    return try await FileReading.run { try read(size: size) }
  }

  private func read(size: Int) throws -> TrainingMaterial {
    let source = try DatasetSource(parsing: dataset)
    let training = try source.load(classes: classes, size: size, split: .train, seed: seed)
    let test = try source.load(classes: classes, size: size, split: .test, seed: seed)
    let name = classes.map { "\(source) classes \($0.map(String.init).joined(separator: ","))" } ?? "\(source)"
    return try TrainingMaterial(
      training: training.images, test: test.images.planes(0..<min(Self.testImages, test.images.count)), name: name)
  }
}
