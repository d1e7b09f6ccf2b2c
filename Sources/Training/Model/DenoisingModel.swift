import Arrays
import Diffusion
import Files
import Foundation
import Optics
import Twin

/// A trained denoiser: layer sets, readouts and everything that is needed to generate images with them.
///
/// ``save(to:)`` replaces the file at once or not at all and keeps the previous one.
public struct DenoisingModel: Sendable, Equatable {
  /// How it was trained, and how images are generated with it.
  public var recipe: Recipe
  /// One for each range of the recipe's edges; nil where nothing was trained.
  public var sets: [LayerSet?]
  /// The mean image of the training data in −1…1.
  public var mean: [Float]
  public var imageSize: Int
  /// Where the images came from, for people.
  public var dataset: String
  /// The alignment for which the layers were trained.
  public var parameters: TwinParameters
  /// What the layers are. Those of a model that says nothing are commands, as all were before responses were undone.
  public var meaning = LayerMeaning.commands

  public init(
    recipe: Recipe, mean: [Float], imageSize: Int, dataset: String, parameters: TwinParameters,
    meaning: LayerMeaning = .commands
  ) {
    self.meaning = meaning
    self.recipe = recipe
    self.mean = mean
    self.imageSize = imageSize
    self.dataset = dataset
    self.parameters = parameters
    sets = [LayerSet?](repeating: nil, count: max(0, recipe.edges.count - 1))
  }

  /// The first step that a trained set serves without a gap up to the last: sampling ends there.
  public var endStep: Int {
    let trained = sets.reversed().prefix { $0 != nil }
    return (trained.last ?? nil)?.firstStep ?? recipe.schedule.steps
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
  public static func load(
    from path: String, catalogues: TrainingCatalogues = .standard
  ) throws -> (model: DenoisingModel, damage: String?) {
    let loaded = try StateFile(path: path, schema: schema).load()
    do {
      let model = try JSONDecoder().decode(DenoisingModel.self, from: Data(loaded.bytes))
      try model.check(catalogues)
      return (model, loaded.damage?.description)
    } catch {
      throw TrainingError.unreadableModel(path: path, reason: "\(error)")
    }
  }

  private static let largestImage = 4096

  /// Refuses numbers that belong to no model, since everybody can write a file.
  ///
  /// - Throws: ``TrainingError/argument(_:)``, `DiffusionError`, `UnknownName`.
  func check(_ catalogues: TrainingCatalogues) throws {
    try TrainingError.require(
      (1...Self.largestImage).contains(imageSize), "an image size of 1 to \(Self.largestImage), found \(imageSize)")
    let pixels = imageSize * imageSize
    try TrainingError.require(
      mean.count == pixels && mean.allSatisfy(\.isFinite), "a mean image of \(pixels) finite values")
    let method = try recipe.checked(catalogues)
    let policy = try TimePolicy(edges: recipe.edges)
    try TrainingError.require(sets.count == policy.sets, "\(policy.sets) layer sets, found \(sets.count)")
    for set in sets.compactMap(\.self) { try set.check(method, pixels: pixels) }
  }
}

extension DenoisingModel: Codable {
  private enum Key: String, CodingKey {
    case recipe, sets, mean, imageSize, dataset, parameters
    case meaning = "layers"
    // Of version 0.1, whose recipes had no schedule.
    case schedule
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    recipe = try container.decode(Recipe.self, forKey: .recipe)
    if let schedule = try container.decodeIfPresent(ScheduleDescription.self, forKey: .schedule) {
      recipe.schedule = schedule
    }
    sets = try container.decode([LayerSet?].self, forKey: .sets)
    mean = try container.decode([Float].self, forKey: .mean)
    imageSize = try container.decode(Int.self, forKey: .imageSize)
    dataset = try container.decode(String.self, forKey: .dataset)
    parameters = try container.decode(TwinParameters.self, forKey: .parameters)
    meaning = try container.decodeIfPresent(LayerMeaning.self, forKey: .meaning) ?? .commands
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(recipe, forKey: .recipe)
    try container.encode(sets, forKey: .sets)
    try container.encode(mean, forKey: .mean)
    try container.encode(imageSize, forKey: .imageSize)
    try container.encode(dataset, forKey: .dataset)
    try container.encode(parameters, forKey: .parameters)
    // A model of commands is the file that it always was.
    if meaning != .commands { try container.encode(meaning, forKey: .meaning) }
  }
}
