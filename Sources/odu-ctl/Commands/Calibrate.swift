import ArgumentParser
import BenchAPI
import BenchClient
import Calibration
import Foundation
import Program
import Twin

struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Calibrates the bench.",
    discussion: """
      Without names it runs what is missing or stale, each routine after what it builds on. What one of them finds is in force at \
      once; when one fails, those that do not need it still run. Interrupted, it continues with the rest when it is called again.

      The routines are:
      \(RoutineCatalogue.standard.declarations.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Examples:
        odu-ctl calibrate
        odu-ctl calibrate --plan
        odu-ctl calibrate --all --seed 2
        odu-ctl calibrate twin
        odu-ctl calibrate camera timing
        odu-ctl calibrate twin --free alignment,detector
      """)

  private static let groups = TwinParameter.Group.allCases.map(\.rawValue)

  @Argument(
    help: "The routines to run, in this order, whatever is in force (default: what is missing or stale).",
    completion: RoutineCatalogue.standard.completion)
  var routines: [String] = []
  @Flag(help: "Say what would run, and why, and run nothing.")
  var plan = false
  @Flag(help: "Run what is in force, too.")
  var all = false
  @Option(help: ArgumentHelp("Seed of the calibration patterns.", valueName: "number"))
  var seed = JobDefaults.seed
  @Option(
    help: ArgumentHelp(
      "Groups of parameters that are free instead of those that the bench file frees: \(Self.groups.joined(separator: ", ")).",
      valueName: "group,…"),
    completion: .list(Self.groups))
  var free: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard routines.isEmpty || !(plan || all) else {
      throw ValidationError("--plan and --all are for a calibration without names of routines.")
    }
    guard free == nil || !routines.isEmpty else {
      throw ValidationError("--free is for routines that are named, such as twin.")
    }
  }

  func run() async throws {
    if !routines.isEmpty {
      try await runNamed()
    } else if plan {
      let plan = try await connection.client.calibrationPlan(runningAll: all)
      try output.print(plan) { FullCalibrationText.text(plan) }
    } else {
      try await runAll()
    }
  }

  private func runNamed() async throws {
    let request = try JobRequest(
      kind: "calibrate", encoding: CalibrateRequest(routines: routines, seed: seed, free: freed))
    let client = connection.client
    let (job, result): (JobSummary, JSONValue) = try await interruptible {
      let job = try await client.perform(request)
      return (job, try await client.acrossRestarts { try await client.result(of: job.id) })
    }
    try output.print(result) { text(result, of: job) }
  }

  private var freed: [String]? {
    free?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private func text(_ result: JSONValue, of job: JobSummary) -> String {
    guard let found: CalibrateResult = try? result.decoded() else { return "calibrated" }
    let time = job.started.flatMap { began in job.ended.map { $0.timeIntervalSince(began) } }
    return CalibrationText(result: found, time: time).text
  }

  private func runAll() async throws {
    let calibration = FullCalibration(client: connection.client, seed: seed)
    let report = try await interruptible { [all] in try await calibration.run(all: all) }
    try output.print(report) { FullCalibrationText.text(report) }
    if report.hasFailed { throw ExitCode.failure }
  }
}
