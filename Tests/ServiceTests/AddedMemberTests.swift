import ArgumentParser
import BenchAPI
import Catalogues
import Devices
import Diffusion
import JobKinds
import Jobs
import Program
import Testing
import Training
import Twin

/// A sampler from outside: one type.
private struct StraightSampler: Sampler {
  static let declaration = Declaration("straight", "straight to the last estimate")
  let spacing: TimestepSpacing

  init(spacing: TimestepSpacing, options: Options) { self.spacing = spacing }

  func timesteps(of schedule: NoiseSchedule) throws -> [Int] { try spacing.timesteps(of: schedule) }

  func update(_ step: SamplerStep) -> SamplerUpdate { SamplerUpdate(image: [1], noise: [0]) }
}

/// A trainer from outside: one type.
private struct RestingTrainer: Trainer {
  static let declaration = Declaration("resting", "leaves the layers as they are")
  static let usesBench = true

  init(_ setup: TrainerSetup) {}

  mutating func step(_ task: TrainingTask) async throws -> LayerStep {
    throw TrainingError.argument("this trainer only has to be found")
  }

  var refined: TwinParameters? { nil }
  var state: NoTrainerState { NoTrainerState() }
  mutating func restore(_ state: NoTrainerState) {}
}

/// One type and one registration make a member that the API, the command line and the page find. Routines are added, and run,
/// in `RoutineTests`.
@Suite("Added members") struct AddedMemberTests {
  private let training: TrainingCatalogues = {
    var training = TrainingCatalogues.standard
    training.samplers = training.samplers.adding(StraightSampler.self)
    training.trainers = training.trainers.adding(RestingTrainer.self)
    return training
  }()

  @Test("the API lists them, and their names are choices of the jobs that take them, which the page's menus show")
  func listed() throws {
    let jobs = JobCatalogue.offering(training: training)
    let groups = KindsResponse(JobNames.groups(training: training).merging(["jobs": jobs.declarations]) { $1 }).groups
    for (group, name, job, parameter) in [
      ("samplers", "straight", "generate", "sampler"), ("trainers", "resting", "train", "mode"),
    ] {
      #expect(groups[group]?.contains { $0.name == name } == true)
      let schema = groups["jobs"]?.first { $0.name == job }?.parameters["properties"]?[parameter]
      guard case .array(let choices)? = schema?["enum"] else {
        Issue.record("\(parameter) is no choice")
        continue
      }
      #expect(choices.contains(.string(name)))
    }
  }

  @Test("jobs take them, and only where they are registered")
  func requested() throws {
    let jobs = JobCatalogue.offering(training: training)
    let requests = [
      try JobRequest(
        kind: "generate", encoding: GenerateRequest(model: "m", on: "twin", sampler: "straight", count: 1)),
      try JobRequest(kind: "train", encoding: TrainRequest(mode: "resting", dataset: "glyphs")),
    ]
    for request in requests {
      _ = try jobs.routine(for: request)
      #expect(throws: (any Error).self) { try JobCatalogue.standard.routine(for: request) }
    }
  }

  @Test("help, check and completion of an option have them")
  func commandLine() throws {
    #expect("\(training.samplers.help("The sampler."))".contains("straight"))
    try training.samplers.validate("straight", option: "--sampler")
    #expect(throws: ValidationError.self) { try training.samplers.validate("strait", option: "--sampler") }
    #expect("\(training.trainers.completion)".contains("resting"))
  }

  @Test("a driver is one registration, too")
  func driver() {
    let drivers = DriverRegistry([Driver(name: "lantern", summary: "panels of paper")])
    #expect(KindsResponse(["drivers": drivers.catalogue.declarations]).groups["drivers"]?.map(\.name) == ["lantern"])
  }
}
