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
  public init(
    _ recipe: Recipe, readouts: Catalogue<ReadoutKind> = ReadoutCatalogue.standard,
    objectives: Catalogue<any Objective.Type> = ObjectiveCatalogue.standard
  ) throws {
    self.recipe = recipe
    readout = try readouts.member(named: recipe.readout)
    objective = try objectives.member(named: recipe.objective).init()
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

extension LayerSet {
  /// Refuses numbers of a file that no set has.
  ///
  /// - Parameter pixels: of an image.
  /// - Throws: ``TrainingError/argument(_:)``.
  func check(_ method: Method, pixels: Int) throws {
    let steps = method.recipe.schedule.steps
    try TrainingError.require(
      1 <= firstStep && firstStep <= lastStep && lastStep <= steps,
      "a layer set for steps of 1 to \(steps), found \(firstStep) to \(lastStep)")
    try TrainingError.require(phases.values.allSatisfy(\.isFinite), "finite phases")
    let readout = method.readout.make(pixels).parameters.count
    let objective = method.objective.initialParameters.count
    try TrainingError.require(
      readoutParameters.count == readout && objectiveParameters.count == objective,
      "\(readout) numbers of the readout and \(objective) of the objective, found \(readoutParameters.count) and "
        + "\(objectiveParameters.count)")
    try TrainingError.require(statistics.map { $0.mean.count == pixels } ?? true, "statistics of \(pixels) pixels")
  }
}
