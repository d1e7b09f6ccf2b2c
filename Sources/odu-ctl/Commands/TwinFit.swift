import ArgumentParser
import Arrays
import BenchAPI
import BenchFile
import Concurrency
import DriverCatalogue
import Files
import Foundation
import MeasurementFiles
import Measuring
import ReadableNumbers
import StrictYAML
import Twin

struct TwinFitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Fits parameters of the twin to measured frames.",
    discussion: """
      The measurements are a folder with an index.yaml, an HDF5 file, or the folder of a run; `odu-ctl twin measure` \
      takes them, and every job records them. The result is judged on held-out frames and is never worse than the start.

      Example: odu-ctl twin fit --bench b.yaml --measurements frames --free default,'detector*' --output fitted.yaml
      """)

  enum Optimiser: String, CaseIterable, ExpressibleByArgument { case lm, adam }

  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String
  @Option(help: ArgumentHelp("The folder, or the HDF5 file, of the measurements.", valueName: "path"))
  var measurements: String
  @Option(
    help: ArgumentHelp(
      "Parameters to fit: names, 'prefix*', 'default' for those that the bench file frees, 'all', or groups: \(Self.groups).",
      valueName: "name,…"))
  var free = "default"
  @Option(help: "Levenberg-Marquardt or Adam (default: by the number of parameters).")
  var optimiser: Optimiser?
  @Option(help: ArgumentHelp("Hold out the last frames instead of those that the index names.", valueName: "count"))
  var heldOut: Int?
  @Flag(help: "Frames have a dark level, which is fitted with each frame's gain.")
  var darkLevel = false
  @Option(help: ArgumentHelp("A `parameters` section with the result, for a bench file.", valueName: "file.yaml|json"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "How the camera shows the detector plane, instead of what the bench file says: \(orientations).",
      valueName: "word"))
  var orientation: String?
  @OptionGroup var computing: ThreadsOption
  @OptionGroup var printing: OutputOptions

  private static let groups = TwinParameter.Group.allCases.map(\.rawValue).joined(separator: ", ")
  private static let orientations = Orientation.allCases.map(\.rawValue).joined(separator: ", ")

  func validate() throws {
    if let orientation, Orientation(rawValue: orientation) == nil {
      throw ValidationError("--orientation must be one of \(Self.orientations), not \(orientation).")
    }
    if let heldOut, heldOut < 0 { throw ValidationError("--held-out must be at least 0, not \(heldOut).") }
    if let output, ![".yaml", ".yml", ".json"].contains(where: { output.hasSuffix($0) }) {
      throw ValidationError("--output must end in .yaml or .json, not \(output).")
    }
  }

  func run() async throws {
    let destination = try output.map { try OutputFiles($0, besides: printing) }
    let file = try BenchFile.load(path: bench, drivers: .standard)
    let words = free.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let names = try file.parameters.names(selectedBy: words)
    var options = FitOptions()
    options.fitsOffset = darkLevel
    options.considered = file.considered
    options.optimiser = optimiser.flatMap { FitOptimiser(rawValue: $0.rawValue) } ?? .automatic
    // A group may hold parameters that no frames tell apart, which the report then says; names alone are meant.
    options.refusesSingular = Set(words) == Set(names)
    let orientation =
      orientation.flatMap(Orientation.init) ?? file.devices?.layout.camera.orientation ?? .upright
    let data = try data(showing: orientation)
    if !data.showsPhases {
      StandardError.note(
        "warning: the patterns show only the phases 0 and pi, which reveal neither the sign of the phase nor the level at "
          + "which a turn is complete; twin measure also takes grey levels")
    }
    let twin = try Twin<Double>(file.twin, parameters: file.parameters, threads: computing.threads)
    let (report, suspicions) = try await interruptible { [options] in
      try await Concurrency.computing { try Self.fit(twin, data, names, options, orientation) }
    }
    // A report that took minutes is printed even when its file cannot be written.
    let written = Result { if let output { try write(report, to: output) } }
    if twin.description.geometry.bandLimit, let warning = twin.sampling.warning {
      StandardError.note("warning: \(warning)")
    }
    let answer = FitAnswer(report, suspicions)
    if let destination {
      try destination.print(answer, printing) { FitAnswer.text(report, suspicions) }
    } else {
      try printing.print(answer) { FitAnswer.text(report, suspicions) }
    }
    try written.get()
  }

  /// The fit, and what may be wrong with the bench when the twin does not suffice.
  private static func fit(
    _ twin: Twin<Double>, _ data: FitData, _ names: [String], _ options: FitOptions, _ orientation: Orientation
  ) throws -> (FitReport, [Suspicion]) {
    let bar = Locked(ProgressBar())
    defer { bar.withLock { $0.finishPhase() } }
    let began = ContinuousClock.now
    let report = try twin.fit(data, free: names, options: options) { progress in
      bar.withLock { $0.show(JobProgress(progress, after: (.now - began) / .seconds(1))) }
    }
    if report.verdict.isSufficient { return (report, []) }
    let suspicions = try twin.suspicions(data, refused: report.after, orientation: orientation) { done, trials in
      bar.withLock { $0.show(JobProgress(phase: "examine", completed: done, total: trials)) }
    }
    return (report, suspicions)
  }

  /// The measurements with their frames laid upright.
  private func data(showing orientation: Orientation) throws -> FitData {
    let measured = try Measurements.read(measurements)
    if measured.orientation != orientation {
      StandardError.note(
        "the frames were taken for a camera that shows the plane \(measured.orientation.rawValue); they are read as "
          + "\(orientation.rawValue)")
    }
    let camera = measured.camera
    let count = measured.frames.count
    if let heldOut, heldOut >= count {
      throw ValidationError("--held-out \(heldOut) leaves none of the \(count) frames to fit.")
    }
    let isNoiseKnown = camera.readNoise != nil || camera.shotNoise != nil
    return FitData(
      patterns: measured.patterns, inputs: measured.inputs, frames: measured.frames(of: orientation),
      block: measured.block,
      heldOut: heldOut.map { Array(count - $0..<count) } ?? measured.heldOut, saturation: camera.saturation,
      noise: isNoiseKnown
        ? FrameNoise(read: camera.readNoise ?? 0, shot: camera.shotNoise ?? 0, step: camera.step ?? 0)
        : measured.repeats.first.map { repeated in
          FrameNoise(
            of: Array(measured.frames.values[measured.frames.range(ofPlane: repeated.frame)]),
            and: repeated.second.values)
        })
  }

  /// The section `parameters` with the fitted values as starts. JSON is YAML, too.
  private func write(_ report: FitReport, to path: String) throws {
    let entries = report.entries.map { entry in
      (entry.name, report.parameters[entry.name], report.parameters.parameter(named: entry.name)?.isFree ?? false)
    }
    let text: String
    if path.hasSuffix(".json") {
      let lines = entries.map { "    \"\($0)\": {\"start\": \($1), \"free\": \($2)}" }
      text = "{\n  \"parameters\": {\n" + lines.joined(separator: ",\n") + "\n  }\n}\n"
    } else {
      let sections = entries.map { name, start, isFree in
        YAMLValue.Entry(name, .section([.init("start", .number(start)), .init("free", .flag(isFree))]))
      }
      text = YAMLValue.section([.init("parameters", .section(sections))]).file
    }
    try AtomicFile.write(Array(text.utf8), to: path)
  }
}

/// What `odu-ctl twin fit --json` prints.
private struct FitAnswer: Encodable {
  struct Stage: Encodable {
    var before: Discrepancy
    var after: Discrepancy
    /// Frames that both are taken on, which the fit did not see unless none was held out.
    var frames: Int
    var isHeldOut: Bool
  }

  var parameters: [Estimate]
  /// In the order of the parameters.
  var correlations: [[Double]]
  var covariance: [[Double]]
  var discrepancy: Stage
  var residualBefore: Double
  var residualAfter: Double
  var noiseFloor: Double?
  var noiseRatio: Double?
  var optimiser: String
  var iterations: Int
  var attempts: Int
  /// Parameters that stay as they were believed, because held-out frames gained too little by them.
  var untouched: [String]
  var improved: Bool
  var sufficient: Bool
  var verdict: FitVerdict
  var identifiability: Identifiability
  /// What may be wrong when the verdict is insufficient, the likeliest first.
  var suspicions: [Suspicion]

  init(_ report: FitReport, _ suspicions: [Suspicion]) {
    self.suspicions = suspicions
    let count = report.entries.count
    func rows(_ matrix: [Double]) -> [[Double]] {
      (0..<count).map { Array(matrix[$0 * count..<($0 + 1) * count]) }
    }
    parameters = report.entries
    correlations = rows(report.correlations)
    covariance = rows(report.covariance)
    let isHeldOut = report.heldOutFrames > 0
    discrepancy = Stage(
      before: report.before, after: report.after, frames: isHeldOut ? report.heldOutFrames : report.fittedFrames,
      isHeldOut: isHeldOut)
    residualBefore = report.residualBefore
    residualAfter = report.residualAfter
    noiseFloor = report.noiseFloor
    noiseRatio = report.noiseRatio
    optimiser = report.optimiser.rawValue
    iterations = report.iterations
    attempts = report.attempts
    untouched = report.untouched
    improved = report.isImproved
    sufficient = report.verdict.isSufficient
    verdict = report.verdict
    identifiability = report.identifiability
  }

  /// The same for people.
  static func text(_ report: FitReport, _ suspicions: [Suspicion]) -> String {
    var rows = [["parameter", "start", "value", "", "standard deviation", "unit", ""]]
    for entry in report.entries {
      rows.append([
        entry.name, entry.start.map(short) ?? "", short(entry.value), "±", short(entry.standardDeviation), entry.unit,
        entry.isAtBound ? "at its bound" : "",
      ])
    }
    var lines = [columns(rows), ""]
    let frames = report.heldOutFrames > 0 ? "\(report.heldOutFrames) held-out frames" : "the fitted frames"
    lines.append(
      "discrepancy on \(frames): Pearson \(short(report.before.pearson)) -> \(short(report.after.pearson)), cosine "
        + "\(short(report.before.cosine)) -> \(short(report.after.cosine))")
    if !report.isImproved { lines.append("The fit could not improve the parameters; they stay as they were.") }
    if report.attempts > 1 {
      lines.append("The first search did not suffice; a second one started from the nominal values.")
    }
    lines.append(report.verdict.words)
    lines += suspicions.map(\.words)
    if !report.untouched.isEmpty {
      lines.append(
        "Left unchanged, since freeing them improves the held-out frames by less than a fifth: "
          + report.untouched.joined(separator: ", "))
    }
    if !report.identifiability.weaknesses.isEmpty {
      lines.append("What these patterns hardly tell apart:")
      lines += report.identifiability.weaknesses.map { "  " + $0.words }
    }
    return lines.joined(separator: "\n")
  }

  private static func short(_ value: Double) -> String { number(value, significant: 5) }
}

extension JobProgress {
  /// Of the first hundredth too little is known to say how long the others will take.
  fileprivate init(_ fit: FitProgress, after seconds: Double) {
    self.init(
      phase: "fit", completed: Int(100 * fit.part), total: 100,
      timeLeft: fit.part > 0.01 ? seconds * (1 - fit.part) / fit.part : nil)
  }
}
