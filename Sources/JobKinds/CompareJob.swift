import BenchAPI
import Diffusion
import Foundation
import Jobs
import Recipes
import Training
import Twin

/// The paper's three trainers on one layer set, from a twin whose angles are too large (figure 7).
struct CompareJob: JobRoutine {
  typealias Parameters = CompareRequest
  static let kind = "compare"
  private let request: CompareRequest
  private var material: MaterialRequest
  private let recipe: Recipe
  private let set: Int
  private let steps: Int
  private let factor: Double

  init(_ parameters: CompareRequest) throws {
    request = parameters
    material = try MaterialRequest(
      dataset: parameters.dataset, classes: parameters.classes, seed: parameters.seed ?? JobDefaults.seed)
    recipe = try RecipeCatalogue.standard.member(named: RecipeCatalogue.usual)
    set = parameters.set ?? JobDefaults.comparedSet
    steps = parameters.steps ?? JobDefaults.comparedSteps
    factor = parameters.misalignment ?? JobDefaults.misalignment
  }

  func prepared(_ preparation: JobPreparation) async throws -> CompareJob {
    var prepared = self
    prepared.material = try await material.prepared(preparation)
    return prepared
  }

  func run(in context: any JobHost) async throws -> CompareResult {
    let seed = request.seed ?? JobDefaults.seed
    let bench = try await context.calibratedBench()
    let material = try await material.images(size: bench.description.input.size)
    let parameters = bench.parameters
    let inverse = bench.inverse(for: bench.meaning)
    context.say(inverse, on: bench)
    let calibrated = try Twin<Float>(
      bench.description.showing(inverse), parameters: parameters, threads: context.threads)
    let start = TrainerComparison.misaligned(parameters, factor: factor).clamped()
    let comparison = try TrainerComparison(
      recipe: recipe, material: material, calibrated: calibrated, misaligned: calibrated.with(start),
      bench: context.bench.unit.showing(inverse), set: set, steps: steps, seed: seed)
    var outcomes: [TrainerComparison.Outcome] = []
    for contender in TrainerComparison.Contender.standard {
      context.progress("compare \(contender.name)", 0, of: steps)
      let outcome = try await comparison.run(contender) { step in
        context.progress("compare \(contender.name)", step.index, of: steps)
        var values = ["loss": step.loss, "error": step.error]
        values["discrepancy"] = step.discrepancy?.pearson
        context.metrics("compare \(contender.name)", step: step.index, values)
      }
      outcomes.append(outcome)
    }
    let policy = try TimePolicy(edges: recipe.edges)
    let range = policy.steps(ofSet: set)
    return CompareResult(
      contenders: outcomes.map(CompareResult.Contender.init), firstStep: range.lowerBound, lastStep: range.upperBound,
      steps: steps, batch: recipe.batch, meanImage: outcomes.first?.evaluation.meanImage ?? 0,
      wiener: outcomes.first?.evaluation.wiener ?? 0, start: start.values)
  }
}

extension TwinParameters {
  fileprivate var values: [String: Double] { Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.value) }) }
}

extension CompareResult.Contender {
  init(_ outcome: TrainerComparison.Outcome) {
    self.init(
      name: outcome.contender.name, errors: outcome.steps.map(\.error),
      discrepancies: outcome.steps.compactMap { $0.discrepancy?.pearson }, finalError: outcome.evaluation.error,
      finalDiscrepancy: outcome.discrepancy, parameters: outcome.parameters.values,
      frames: outcome.frames)
  }
}
