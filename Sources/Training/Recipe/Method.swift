import Arrays
import Catalogues
import Diffusion
import Optics

/// A recipe with the readout and the objective that it names.
public struct Method: Sendable {
  public let recipe: Recipe
  public let readout: ReadoutKind
  public let objective: any Objective

  /// - Throws: `UnknownName`.
  public init(_ recipe: Recipe, _ catalogues: TrainingCatalogues = .standard) throws {
    self.recipe = recipe
    readout = try catalogues.readouts.member(named: recipe.readout)
    objective = try catalogues.objectives.member(named: recipe.objective).init()
  }

  /// The readout with a set's numbers.
  ///
  /// - Parameter pixels: detector samples per image.
  public func readout(of set: LayerSet, pixels: Int) -> any Readout {
    var readout = readout.make(pixels)
    readout.parameters = set.readoutParameters
    if type(of: readout).needsStatistics { readout.statistics = set.statistics }
    return readout
  }

  /// A fresh set: `phases` at the start, readout and objective at their initial values.
  ///
  /// - Parameter pixels: detector samples per image.
  public func freshSet(steps: ClosedRange<Int>, phases: Stack<Float>, pixels: Int) -> LayerSet {
    LayerSet(
      steps: steps, phases: phases, readoutParameters: readout.make(pixels).parameters,
      objectiveParameters: objective.initialParameters)
  }
}
