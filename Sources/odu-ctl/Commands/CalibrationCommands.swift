import ArgumentParser
import BenchAPI
import BenchClient
import Foundation
import ReadableNumbers

struct CalibrationGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cal", abstract: "Stored calibrations: which is in force, how old it is, and what changed.",
    discussion: """
      Examples:
        odu-ctl cal list
        odu-ctl cal diff 0001 0002
        odu-ctl cal graph
        odu-ctl cal report
        odu-ctl cal drift
        odu-ctl cal rollback
        odu-ctl cal export my-bench.yaml
      """,
    subcommands: [
      CalibrationsList.self, CalibrationsShow.self, CalibrationsDiff.self, CalibrationsGraph.self,
      CalibrationsReport.self, CalibrationsDrift.self, CalibrationsRollback.self, CalibrationsExport.self,
      CalibrationsImport.self,
    ],
    defaultSubcommand: CalibrationsList.self)
}

struct CalibrationsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "All calibrations, newest first.", discussion: "Example: odu-ctl cal list --json")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let calibrations = try await connection.client.calibrations()
    try output.print(CalibrationList(calibrations: calibrations)) {
      table(
        ["ID", "KIND", "AGE", "RUN", "BEFORE", "AFTER", "STATE"],
        calibrations.map { calibration in
          [
            calibration.id, calibration.kind, duration(calibration.age), calibration.run,
            calibration.discrepancyBefore.map { number($0) } ?? "",
            calibration.discrepancyAfter.map { number($0) } ?? "",
            calibration.standing,
          ]
        }, empty: "no calibrations yet; odu-ctl calibrate makes one")
    }
  }
}

struct CalibrationsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One calibration with its values.",
    discussion: "Examples:\n  odu-ctl cal show\n  odu-ctl cal show 0001")

  @Argument(help: "The calibration (default: the one in force).", completion: Completions.calibrations)
  var id: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let client = connection.client
    let calibration: CalibrationSummary
    if let id {
      calibration = try await client.calibration(id)
    } else {
      guard let present = try await client.calibrations().first(where: \.inForce) else {
        throw CommandFailure("no calibration is in force; odu-ctl calibrate makes one")
      }
      calibration = present
    }
    try output.print(calibration) { text(calibration) }
  }

  private func text(_ calibration: CalibrationSummary) -> String {
    let head = columns(
      [
        ["calibration", calibration.id], ["kind", calibration.kind], ["date", calibration.date.ISO8601Format()],
        ["age", duration(calibration.age)],
        ["state", calibration.state], ["run", calibration.run],
      ]
        + [
          calibration.discrepancyBefore.flatMap { before in
            calibration.discrepancyAfter.map { ["discrepancy", "\(number(before)) before, \(number($0)) after"] }
          },
          calibration.verdict.map { ["verdict", $0] },
          calibration.noiseRatio.map { ["residuals", "\(number($0)) times the noise"] },
        ].compactMap(\.self))
    let values = calibration.parameters.map {
      [$0.name, number($0.value), String(format: "%.1e", $0.standardDeviation), $0.unit]
    }
    let weaknesses = calibration.weaknesses ?? []
    return head + "\n\n" + table(["PARAMETER", "VALUE", "±", "UNIT"], values, empty: "no parameters")
      + (weaknesses.isEmpty ? "" : "\n\nWhat its frames hardly told apart:\n  " + weaknesses.joined(separator: "\n  "))
  }
}

struct CalibrationsDiff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What changed from one calibration to another.",
    discussion: """
      Changes are also given in units of their standard deviation: below two or three, noise of the frames explains them.

      Example: odu-ctl cal diff 0001 0002
      """)

  @Argument(help: "The one calibration.", completion: Completions.calibrations) var from: String
  @Argument(help: "The other.", completion: Completions.calibrations) var to: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let client = connection.client
    let difference = CalibrationDifference(
      from: try await client.calibration(from), to: try await client.calibration(to))
    try output.print(difference) { difference.text }
  }
}

struct CalibrationsRollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Puts an earlier calibration in force again.",
    discussion: "Examples:\n  odu-ctl cal rollback\n  odu-ctl cal rollback 0001")

  @Argument(
    help: "The calibration (default: the one before the newest that has one before it).",
    completion: Completions.calibrations)
  var id: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let client = connection.client
    let wanted = if let id { id } else { try await previous(client) }
    let restored = try await client.restore(calibration: wanted)
    try output.print(restored) {
      restored.inForce
        ? "calibration \(restored.id) is in force, \(duration(restored.age)) old"
        : "calibration \(restored.id) is marked, but belongs to another bench; it takes effect with that bench's file"
    }
  }

  /// The one before the newest in force that has one before it: of its kind, and of this bench.
  private func previous(_ client: BenchClient) async throws -> String {
    let calibrations = try await client.calibrations()
    let present = calibrations.indices.filter { calibrations[$0].inForce }
    guard let newest = present.first else {
      throw CommandFailure("no calibration is in force; name the one to put in force")
    }
    for index in present {
      let kind = calibrations[index].kind
      let earlier = calibrations[(index + 1)...].first { $0.kind == kind && !$0.isOfAnotherBench }
      if let earlier { return earlier.id }
    }
    throw CommandFailure("calibration \(calibrations[newest].id) is in force, and there is none before it")
  }
}

extension CalibrationSummary {
  /// Whether it is in force and why it should be made again.
  fileprivate var standing: String {
    [inForce ? "in force" : nil, reason.map { "stale: \($0)" }].compactMap(\.self).joined(separator: ", ")
  }

  /// The same where it stands alone.
  var state: String { standing.isEmpty ? "not in force" : standing }

  fileprivate var isOfAnotherBench: Bool {
    [Cause.calibrationStaleBench, .calibrationStaleDevice].map(\.rawValue).contains(cause)
  }
}
