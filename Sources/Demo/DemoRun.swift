import Arrays
import BenchAPI
import BenchClient
import Datasets
import Files
import Foundation

/// The steps of the demo, each a request that any other client could send.
package struct DemoRun: Sendable {
  package static let bench = "simulated"

  private let dataset: DatasetSource
  private let classes: [Int]?
  private let seed: UInt64
  private let threads: Int
  private let quick: Bool
  /// The folder for the report and the files of the jobs.
  private let output: String

  private static let samples = 64
  /// Three classes, as in the paper, when nobody says otherwise: ring, cross and triangle.
  private static let usualGlyphs = [0, 3, 4]
  private static let steps = 50

  /// - Parameters:
  ///   - classes: those to learn; the usual ones when nil.
  ///   - quick: whether it runs a short form, which learns little.
  ///   - output: the folder for the report and the files of the jobs.
  package init(
    dataset: DatasetSource, classes: [Int]?, seed: UInt64, threads: Int, quick: Bool, output: String
  ) {
    self.dataset = dataset
    self.classes = classes ?? (dataset == .glyphs ? Self.usualGlyphs : nil)
    (self.seed, self.threads, self.quick, self.output) = (seed, threads, quick, output)
  }

  /// Refuses images that cannot be loaded before anything is started for them.
  package func checkDataset() throws {
    for split in [DatasetSplit.train, .test] {
      _ = try dataset.load(classes: classes, split: split, count: 1, seed: seed)
    }
  }

  /// Runs everything and returns the path of the report.
  package func perform(on site: DemoSite) async throws -> String {
    let client = site.client
    try makeOutput()
    let status = try await client.status()
    let devices = try await client.devices()
    site.greet(status, devices)

    var phases: [PhaseDuration] = []
    let source = dataset.description
    let calibration = try await step("calibrate", CalibrateRequest(seed: seed), on: site, &phases)
    let training = try await step(
      "train",
      TrainRequest(
        mode: "online", dataset: source, classes: classes, seed: seed, offlineImages: quick ? 3000 : nil,
        benchSteps: quick ? 2 : nil), on: site, &phases)
    let comparison = try await step(
      "compare", CompareRequest(dataset: source, classes: classes, seed: seed, steps: quick ? 10 : nil), on: site,
      &phases)
    let generation = try await step(
      "generate",
      GenerateRequest(
        model: training.id, on: "bench", sampler: "ddim", steps: quick ? 10 : Self.steps, count: Self.samples,
        seed: seed),
      on: site, &phases)

    let truth: [String: Double] = try await client.simulatedTruth().decoded()
    let trained: TrainResult = try await client.result(of: training.id, as: TrainResult.self)
    let compared: CompareResult = try await client.result(of: comparison.id, as: CompareResult.self)
    let generated: GenerateResult = try await client.result(of: generation.id, as: GenerateResult.self)
    let calibrated: CalibrateResult = try await client.result(of: calibration.id, as: CalibrateResult.self)
    let frames = [
      ("calibration", calibrated.frames), ("training", trained.frames),
      ("comparison", compared.contenders.reduce(0) { $0 + $1.frames }), ("generation", generated.frames),
    ].map { Fact(name: "frames, \($0.0)", value: "\($0.1)") }
    let counts = try await client.status().frames
    let rejected = counts.filter { $0.key != "accepted" && $0.value > 0 }.sorted { $0.key < $1.key }
      .map { Fact(name: "frames not credited, \($0.key)", value: "\($0.value)") }
    let images = [Fact(name: "images computed by the twin", value: "\(trained.offlineImages)")]
    let results = DemoResults(
      date: Date().formatted(date: .long, time: .shortened), version: status.version, bench: Self.bench,
      dataset: name, seed: seed, threads: threads, devices: devices,
      calibration: CalibrationOutcome(calibrated, truth: truth), training: trained.sets.map(LayerSetOutcome.init),
      comparison: ComparisonOutcome(compared, truth: truth),
      generation: GenerationOutcome(
        sampler: generated.sampler.uppercased(), steps: generated.steps, count: generated.shape[0],
        frames: generated.frames),
      phases: phases, facts: frames + images + rejected + memory(site), notes: notes(generated))
    return try write(results, samples: Stack<Float>(npy: NPY.read(output + "/samples.npy")))
  }

  /// Makes the folder. What `make clean` may remove has a mark that the demo made it.
  private func makeOutput() throws {
    let isNew = !AtomicFile.exists(output)
    try AtomicFile.makeFolder(output)
    if isNew { try AtomicFile.write([], to: output + "/.made-by-odu-demo") }
  }

  private func step(
    _ kind: String, _ parameters: some Encodable, on site: DemoSite, _ phases: inout [PhaseDuration]
  ) async throws -> JobSummary {
    let began = ContinuousClock().now
    let job = try await site.perform(JobRequest(kind: kind, encoding: parameters), output)
    phases.append(PhaseDuration(name: kind, duration: (ContinuousClock().now - began) / .seconds(1)))
    return job
  }

  /// The data set without the folders of this machine.
  private var name: String {
    let kind = dataset.description.prefix { $0 != ":" }
    let listed = classes.map { ", classes " + $0.map(String.init).joined(separator: ", ") } ?? ""
    return kind + listed
  }

  private func memory(_ site: DemoSite) -> [Fact] {
    site.peakMemory().map { [Fact(name: "peak memory of the daemon", value: "\($0 >> 20) MiB")] } ?? []
  }

  private func notes(_ generated: GenerateResult) -> [String] {
    [
      "The bench is simulated: its plant is separate code, in float64 and with the mirror between explicit half hops, with "
        + "noise, quantisation and a misalignment that only this report knows. The profile `simulated` leaves out the effects "
        + "of a real modulator (response, crosstalk, fill factor, aberrations); `realistic` has them.",
      "A readout that has learnt the mean image looks like a success until you see the samples; hence the baselines "
        + "beside every error.",
      "Once the twin is calibrated and nothing drifts, the trainers tie; online learning earns its cost when the bench "
        + "moves or the calibration is off, as in the comparison.",
      "An image is the estimate made at step \(generated.lastStep) of the diffusion, below which no set was trained; the "
        + "contrast of the estimates above step 160 was raised by \(generated.contrast), which makes up for their flatness.",
    ] + (quick ? ["This was the short form: it shows that every step works, and nothing about quality."] : [])
  }

  private func write(_ results: DemoResults, samples: Stack<Float>) throws -> String {
    let real = try dataset.load(classes: classes, split: .test, count: samples.count, seed: seed).images
    let page = try DemoReport(results, samples: samples, real: real).page()
    try AtomicFile.write([UInt8](APICoding.encode(results)), to: output + "/results.json")
    try AtomicFile.write([UInt8](DemoSummary(results).markdown().utf8), to: output + "/results.md")
    let path = output + "/report.html"
    try AtomicFile.write([UInt8](page.html().utf8), to: path)
    return path
  }
}
