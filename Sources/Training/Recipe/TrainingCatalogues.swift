import Catalogues
import Diffusion

/// The lists in which the names of a recipe are looked up.
public struct TrainingCatalogues: Sendable {
  public var readouts: Catalogue<ReadoutKind>
  public var objectives: Catalogue<any Objective.Type>
  public var trainers: Catalogue<any Trainer.Type>
  public var samplers: Catalogue<any Sampler.Type>

  public static let standard = TrainingCatalogues(
    readouts: ReadoutCatalogue.standard, objectives: ObjectiveCatalogue.standard,
    trainers: TrainerCatalogue.standard, samplers: SamplerCatalogue.standard)
}

extension Method {
  /// - Throws: `UnknownName`.
  public init(_ recipe: Recipe, _ catalogues: TrainingCatalogues) throws {
    try self.init(recipe, readouts: catalogues.readouts, objectives: catalogues.objectives)
  }
}
