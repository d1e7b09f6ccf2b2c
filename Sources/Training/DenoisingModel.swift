import Arrays
import Diffusion
import Files
import Foundation
import Optics
import Twin

/// A trained denoiser: layer sets, readouts and everything that is needed to generate images with them.
///
/// ``save(to:)`` replaces the file at once or not at all and keeps the previous one.
public struct DenoisingModel: Sendable, Codable, Equatable {
  public var recipe: Recipe
  public var schedule: ScheduleDescription
  /// One for each range of the recipe's edges; nil where nothing was trained.
  public var sets: [LayerSet?]
  /// The mean image of the training data in −1…1.
  public var mean: [Float]
  public var imageSize: Int
  /// Where the images came from, for people.
  public var dataset: String
  /// The alignment for which the layers were trained.
  public var parameters: TwinParameters

  public struct ScheduleDescription: Sendable, Codable, Equatable {
    public var kind: NoiseSchedule.Kind
    public var steps: Int

    public init(kind: NoiseSchedule.Kind = .linear, steps: Int = 1000) {
      self.kind = kind
      self.steps = steps
    }

    public func make() throws -> NoiseSchedule { try NoiseSchedule(kind, steps: steps) }
  }

  public init(
    recipe: Recipe, schedule: ScheduleDescription = ScheduleDescription(), mean: [Float], imageSize: Int,
    dataset: String, parameters: TwinParameters
  ) {
    self.recipe = recipe
    self.schedule = schedule
    self.mean = mean
    self.imageSize = imageSize
    self.dataset = dataset
    self.parameters = parameters
    sets = [LayerSet?](repeating: nil, count: recipe.edges.count - 1)
  }

  /// The first step that a trained set serves without a gap up to the last: sampling ends there.
  public var endStep: Int {
    let trained = sets.reversed().prefix { $0 != nil }
    return (trained.last ?? nil)?.firstStep ?? schedule.steps
  }

  /// The set that serves step `t`.
  public func set(serving t: Int) throws -> LayerSet {
    guard let set = sets.compactMap({ $0 }).first(where: { $0.steps.contains(t) }) else {
      throw TrainingError.noLayerSet(step: t)
    }
    return set
  }

  // MARK: - Files

  private static let schema = 1

  public func save(to path: String) throws {
    let encoder = JSONEncoder()
    // Equal models are equal files.
    encoder.outputFormatting = .sortedKeys
    try StateFile(path: path, schema: Self.schema).save(Array(encoder.encode(self)))
  }

  /// - Returns: the model, and what was wrong with the newest file when the previous one had to be used.
  public static func load(from path: String) throws -> (model: DenoisingModel, damage: String?) {
    let loaded = try StateFile(path: path, schema: schema).load()
    do {
      let model = try JSONDecoder().decode(DenoisingModel.self, from: Data(loaded.bytes))
      try model.check()
      return (model, loaded.damage?.description)
    } catch let error as DecodingError {
      throw TrainingError.unreadableModel(path: path, reason: "\(error)")
    } catch let error as TrainingError {
      throw TrainingError.unreadableModel(path: path, reason: "\(error)")
    } catch let error as DiffusionError {
      throw TrainingError.unreadableModel(path: path, reason: "\(error)")
    }
  }

  private static let largestImage = 4096

  /// Refuses numbers that belong to no model, since everybody can write a file.
  ///
  /// - Throws: ``TrainingError/argument(_:)``, `DiffusionError`.
  func check() throws {
    try TrainingError.require(
      (1...Self.largestImage).contains(imageSize), "an image size of 1 to \(Self.largestImage), found \(imageSize)")
    let pixels = imageSize * imageSize
    try TrainingError.require(
      mean.count == pixels && mean.allSatisfy(\.isFinite), "a mean image of \(pixels) finite values")
    _ = try schedule.make()
    let policy = try TimePolicy(edges: recipe.edges)
    try TrainingError.require(sets.count == policy.sets, "\(policy.sets) layer sets, found \(sets.count)")
    for set in sets.compactMap(\.self) { try set.check(recipe, steps: schedule.steps, pixels: pixels) }
  }
}

/// What can be wrong with training and its files.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  case noLayerSet(step: Int)
  case unreadableModel(path: String, reason: String)
  case diverged(set: String, step: Int)
  case argument(String)
  /// A checkpoint with which this training cannot resume.
  case checkpoint(String)
  /// The readout does not make one value for each pixel of an image of the detector's samples.
  case detector(height: Int, width: Int, size: Int, readout: Recipe.ReadoutKind)

  public var description: String {
    switch self {
    case .noLayerSet(let step):
      return "the model has no trained layer set for step \(step); end the sampling above it or train that set"
    case .unreadableModel(let path, let reason):
      return "\(path) is not a model of this version: \(reason)"
    case .diverged(let set, let step):
      return "training of \(set) diverged at step \(step): the loss is not finite; lower the learning rates"
    case .detector(let height, let width, let size, let readout):
      return """
        the detector gives \(height)×\(width) samples, but for images of \(size)×\(size) pixels the readout \
        \(readout.rawValue) needs \(size)×\(readout.samplesPerPixel * size); choose detector.block and detector.region so \
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
