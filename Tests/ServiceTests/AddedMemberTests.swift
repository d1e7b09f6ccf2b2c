import ArgumentParser
import BenchAPI
import BenchFile
import BenchTestKit
import Calibration
import Catalogues
import Concurrency
import Devices
import Diffusion
import DriverCatalogue
import JobKinds
import Jobs
import Lending
import Measuring
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

/// A routine from outside: one type, which knows without a look at the bench.
private struct KnowingRoutine: CalibrationRoutine {
  static let declaration = Declaration("knowing", "the gain of the camera, which it knows")
  static let needs: [ProductKind] = []
  static let gives = ProductKind.camera

  init(seed: UInt64) {}

  func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? { nil }

  func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) -> Double { 4 }

  func content(of gain: Double) -> ProductContent { .camera(CameraModel(darkLevel: 0, readNoise: 0, gain: gain)) }

  func report(on gain: Double) -> RoutineReport {
    RoutineReport(
      estimates: [Estimate(name: "gain", unit: "", value: gain, standardDeviation: 0)], frames: 0, fitted: 0)
  }
}

/// A driver from outside: one value, whose devices are doubles.
private let lantern = Driver(
  name: "lantern", summary: "panels of paper",
  settings: [Parameter("colour", .choice(["red", "white"]), "of the paper")],
  modulator: { _ in ScriptedPanel(name: "paper", width: 32, height: 16) },
  camera: { _ in ScriptedCamera(name: "eye", width: 16, height: 16) { _, _ in [UInt16](repeating: 0, count: 256) } })

/// One type and one registration make a member that the API, the command line and the page find.
@Suite("Added members") struct AddedMemberTests {
  // The four registrations.
  private let training: TrainingCatalogues = {
    var training = TrainingCatalogues.standard
    training.samplers = training.samplers.adding(StraightSampler.self)
    training.trainers = training.trainers.adding(RestingTrainer.self)
    return training
  }()
  private let routines = RoutineCatalogue.standard.adding(KnowingRoutine.self)
  private let drivers: DriverRegistry = {
    var drivers = DriverRegistry.standard
    drivers.register(lantern)
    return drivers
  }()

  /// Group, name, and the parameter of a job that takes the name, where there is one.
  private static let members: [(group: String, name: String, job: String?, parameter: String?)] = [
    ("samplers", "straight", "generate", "sampler"), ("trainers", "resting", "train", "mode"),
    ("routines", "knowing", "calibrate", "routines"), ("drivers", "lantern", nil, nil),
  ]

  private static let bench = """
    geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 8, layers: 2, spacing: 0.02, padding: 1}
    input: {size: 3, block: 2, encoding: amplitude}
    detector: {block: 1}
    devices: {layerModulator: {driver: lantern}, inputModulator: {driver: lantern}, camera: {driver: lantern}}
    layout:
      layers: {origins: [{x: 0, y: 0}, {x: 8, y: 0}], levelsPerTurn: 256}
      input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
      camera: {x: 0, y: 0, width: 8, height: 8}
      timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 1e-3, inputSettle: 1e-3}
    """

  /// A daemon that was built with all four.
  private func withMembers(
    onLanterns: Bool = false, _ body: @escaping @Sendable (LiveDaemon) async throws -> Void
  ) async throws {
    let file = try BenchFile(yaml: Self.bench, path: "lanterns.yaml", drivers: drivers, forOpening: true)
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder) { configuration in
        configuration.catalogue = .offering(training: training, routines: routines)
        configuration.kinds = JobNames.groups(training: training, routines: routines)
        configuration.kinds["drivers"] = drivers.catalogue.declarations
      } source: { equipment in
        guard onLanterns else { return BenchSource(equipment) }
        return BenchSource(
          load: { file }, open: { try BenchEquipment(file: $0, assembled: try await $0.assemble()) })
      } _: { daemon in
        try await body(daemon)
      }
    }
  }

  /// What `odu-ctl` says of this daemon, on a thread that may wait.
  private func control(_ daemon: LiveDaemon, _ arguments: String...) async throws -> Programs.Outcome {
    let whole = arguments + ["--socket", daemon.socket]
    return try await computing { try Programs.run(Programs.path(of: "odu-ctl"), whole) }
  }

  @Test("the API lists them, and their names are choices of the jobs that take them: the page makes its menus of these")
  func listed() async throws {
    try await withMembers { daemon in
      let groups = try await daemon.client.kinds().groups
      for member in Self.members {
        #expect(groups[member.group]?.contains { $0.name == member.name } == true, "\(member.name)")
        guard let job = member.job, let parameter = member.parameter else { continue }
        let schema = groups["jobs"]?.first { $0.name == job }?.parameters["properties"]?[parameter]
        guard case .array(let choices)? = schema?["enum"] ?? schema?["items"]?["enum"] else {
          Issue.record("\(parameter) is no choice")
          continue
        }
        #expect(choices.contains(.string(member.name)))
      }
      #expect(groups["drivers"]?.last?.parameters["properties"]?["colour"]?["enum"] != nil)
    }
  }

  @Test("jobs take them, and only where they are registered")
  func requested() throws {
    let jobs = JobCatalogue.offering(training: training, routines: routines)
    let requests = [
      try JobRequest(
        kind: "generate", encoding: GenerateRequest(model: "m", on: "twin", sampler: "straight", count: 1)),
      try JobRequest(kind: "train", encoding: TrainRequest(mode: "resting", dataset: "glyphs")),
      try JobRequest(kind: "calibrate", encoding: CalibrateRequest(routines: ["knowing"])),
    ]
    for request in requests {
      _ = try jobs.routine(for: request)
      let refusal = #expect(throws: (any Error).self) { try JobCatalogue.standard.routine(for: request) }
      #expect((refusal as? any CausedError)?.cause == .parameterUnknownName)
    }
  }

  @Test("odu-ctl tells of them, and runs the routine by its name")
  func commandLine() async throws {
    try await withMembers { daemon in
      for member in Self.members {
        let group = try await control(daemon, "kinds", member.group)
        #expect(group.status == 0 && group.output.contains(member.name), "\(group.output)")
        let alone = try await control(daemon, "kinds", member.name)
        #expect(alone.status == 0 && alone.output.hasPrefix("\(member.name) (\(member.group)): "), "\(alone.output)")
      }
      let done = try await control(daemon, "calibrate", "knowing")
      #expect(done.status == 0, "\(done.output)")
      #expect(try await daemon.client.calibrations().map(\.routine) == ["knowing"])
      let refused = try await control(daemon, "calibrate", "knoing")
      #expect(refused.status == 1 && refused.output.contains("did you mean knowing?"), "\(refused.output)")
    }
  }

  @Test("help, check and completion of an option have them")
  func options() throws {
    #expect("\(training.samplers.help("The sampler."))".contains("straight"))
    try training.samplers.validate("straight", option: "--sampler")
    #expect(throws: ValidationError.self) { try training.samplers.validate("strait", option: "--sampler") }
    #expect("\(training.trainers.completion)".contains("resting"))
    #expect("\(routines.completion)".contains("knowing"))
    #expect("\(drivers.catalogue.help("The driver."))".contains("lantern: panels of paper"))
  }

  @Test("a bench file names the driver, and its devices are those of the API")
  func driver() async throws {
    try await withMembers(onLanterns: true) { daemon async throws in
      #expect(try await daemon.client.devices().map(\.name) == ["paper", "paper", "eye"])
    }
    let refusal = #expect(throws: (any Error).self) {
      try BenchFile(yaml: Self.bench, path: "lanterns.yaml", drivers: .standard, forOpening: true)
    }
    #expect("\(try #require(refusal))".contains("there is no driver \"lantern\""))
  }
}
