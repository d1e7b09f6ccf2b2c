import ArgumentParser
import BenchAPI
import BenchClient
import Calibration
import Foundation
import Program

struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Calibrates the bench.",
    discussion: """
      The routines are:
      \(RoutineCatalogue.standard.declarations.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Examples:
        odu-ctl calibrate
        odu-ctl calibrate alignment twin
      """)

  @Argument(
    help: "The routines to run, in this order (default: \(RoutineCatalogue.usual.joined(separator: ", "))).",
    completion: RoutineCatalogue.standard.completion)
  var routines: [String] = []
  @Option(help: ArgumentHelp("Seed of the calibration patterns.", valueName: "number"))
  var seed = JobDefaults.seed
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let request = try JobRequest(
      kind: "calibrate", encoding: CalibrateRequest(routines: routines.isEmpty ? nil : routines, seed: seed))
    let client = connection.client
    let (job, result): (JobSummary, JSONValue) = try await interruptible {
      let job = try await client.perform(request)
      return (job, try await client.acrossRestarts { try await client.result(of: job.id) })
    }
    try output.print(result) { text(result, of: job) }
  }

  private func text(_ result: JSONValue, of job: JobSummary) -> String {
    guard let found: CalibrateResult = try? result.decoded() else { return "calibrated" }
    let time = job.started.flatMap { began in job.ended.map { $0.timeIntervalSince(began) } }
    return CalibrationText(result: found, time: time).text
  }
}
