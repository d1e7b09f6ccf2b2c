import ArgumentParser
import BenchAPI
import BenchClient
import Foundation
import ReadableNumbers

struct CalibrationsDrift: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "How far the bench has drifted away from its twin since it was calibrated.",
    discussion: """
      Where the bench file has a section `drift`, odud shows a few patterns between jobs and compares the twin with what the bench \
      makes of them. A bar is the discrepancy; the mark in it is the threshold of the bench file.

      Examples:
        odu-ctl cal drift
        odu-ctl cal drift --json
      """)

  @Option(help: ArgumentHelp("Readings to show, the newest.", valueName: "count")) var last = 24
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard last >= 1 else { throw ValidationError("--last must be at least 1.") }
  }

  func run() async throws {
    let drift = try await connection.client.drift()
    try output.print(drift) { text(drift) }
  }

  private func text(_ drift: DriftResponse) -> String {
    let shown = drift.readings.suffix(last)
    let scale = shown.map { max($0.discrepancy, (drift.threshold ?? 1) * $0.start) }.max() ?? 1
    let rows = shown.map { reading in
      [
        reading.date.ISO8601Format(), number(reading.discrepancy), String(format: "%.2f", reading.ratio),
        reading.group ?? "", bar(reading, drift.threshold, scale),
      ]
    }
    let readings = table(["TIME", "DISCREPANCY", "OF START", "GROUP", ""], rows, empty: "no readings yet")
    return ([readings] + refinements(drift) + [standing(drift)]).joined(separator: "\n\n")
  }

  private func bar(_ reading: DriftReading, _ threshold: Double?, _ scale: Double) -> String {
    func place(_ value: Double) -> Int { Int((Double(Self.width) * min(1, value / max(scale, 1e-12))).rounded()) }
    var cells = [Character](repeating: "#", count: place(reading.discrepancy))
    guard let threshold else { return String(cells) }
    let mark = max(0, place(threshold * reading.start) - 1)
    while cells.count <= mark { cells.append(" ") }
    cells[mark] = "|"
    return String(cells)
  }

  private static let width = 40

  private func refinements(_ drift: DriftResponse) -> [String] {
    guard !drift.refinements.isEmpty else { return [] }
    let rows = drift.refinements.suffix(last).map { refinement in
      [
        refinement.run, refinement.group, refinement.state?.rawValue ?? "under way",
        refinement.before.map { number($0) } ?? "", refinement.after.map { number($0) } ?? "", refinement.reason ?? "",
      ]
    }
    return [table(["REFINED BY", "GROUP", "STATE", "BEFORE", "AFTER", ""], rows, empty: "")]
  }

  private func standing(_ drift: DriftResponse) -> String {
    var lines: [String] = []
    if let policy = drift.policy, let every = drift.every, let threshold = drift.threshold {
      lines.append("policy \(policy): a probe every \(duration(every)), at most \(number(threshold)) times the start")
    } else {
      lines.append("the bench file has no section drift, so that nothing is probed")
    }
    if drift.drifted { lines.append("the bench has drifted" + (advice(drift).map { "; " + $0 } ?? "")) }
    if let problem = drift.problem { lines.append(problem) }
    return lines.joined(separator: "\n")
  }

  private func advice(_ drift: DriftResponse) -> String? {
    drift.readings.last?.group.map { "odu-ctl calibrate refinement --free \($0) finds again what explains it" }
  }
}
