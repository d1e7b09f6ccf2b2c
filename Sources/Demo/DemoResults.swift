import BenchAPI

/// Everything that the demo's report states, apart from the images. Written beside the report as `results.json`.
public struct DemoResults: Codable, Sendable {
  /// When the demo ended, as it should be read.
  public var date: String
  public var version: String
  /// The bench file.
  public var bench: String
  public var dataset: String
  public var seed: UInt64
  public var threads: Int
  public var devices: [DeviceStatus]
  public var calibration: CalibrationOutcome
  public var training: [LayerSetOutcome]
  public var comparison: ComparisonOutcome
  public var generation: GenerationOutcome
  /// Phases of the demo with their durations in seconds, in order.
  public var phases: [PhaseDuration]
  /// Further numbers, such as frames used and rejected, and memory.
  public var facts: [Fact]
  /// What the reader must know to judge the numbers.
  public var notes: [String]

  public init(
    date: String, version: String, bench: String, dataset: String, seed: UInt64, threads: Int, devices: [DeviceStatus],
    calibration: CalibrationOutcome, training: [LayerSetOutcome], comparison: ComparisonOutcome,
    generation: GenerationOutcome, phases: [PhaseDuration], facts: [Fact], notes: [String]
  ) {
    self.date = date
    self.version = version
    self.bench = bench
    self.dataset = dataset
    self.seed = seed
    self.threads = threads
    self.devices = devices
    self.calibration = calibration
    self.training = training
    self.comparison = comparison
    self.generation = generation
    self.phases = phases
    self.facts = facts
    self.notes = notes
  }
}
