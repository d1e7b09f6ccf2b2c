import ReadableNumbers
import Report

/// The numbers of a demo as Markdown, for documents that are to be compared and kept: `results.md` beside the report.
public struct DemoSummary: Sendable {
  private let results: DemoResults

  public init(_ results: DemoResults) { self.results = results }

  public func markdown() -> String {
    """
    # Results of `odu-ctl demo`

    Written by the command itself: odu \(results.version), bench `\(results.bench)`, \(results.dataset), seed \
    \(results.seed), \(results.threads) threads, \(results.date).

    ## Calibration

    Discrepancy (1 − Pearson) on \(results.calibration.heldOut) held-out frames: \
    \(compact(results.calibration.before.pearson)) before, \(compact(results.calibration.after.pearson)) after.

    \(calibration)

    ## Three ways to train

    \(results.comparison.summary)

    \(trainers)

    ## Layer sets

    Mean squared error of the predicted image in −1…1 on images not seen, on the bench.

    \(sets)

    ## Run

    \(run)

    ## What to know

    \(results.notes.map { "- \($0)" }.joined(separator: "\n"))

    """
  }

  private var calibration: String {
    Self.table(
      ["parameter", "unit", "start", "calibrated", "true"],
      results.calibration.parameters.map {
        [
          $0.name, $0.unit, $0.start.map { "\($0)" } ?? "unknown", "\($0.calibrated)",
          $0.truth.map { "\($0)" } ?? "unknown",
        ]
      })
  }

  private var trainers: String {
    Self.table(
      ["trainer", "error on the bench", "largest angle error", "gap error (m)", "discrepancy"],
      results.comparison.trainers.map {
        [
          $0.name, compact($0.finalError), $0.angleError.map { "\(compact(100 * $0)) %" } ?? "unknown",
          $0.gapError.map { compact($0) } ?? "unknown", $0.discrepancy.last.map { compact($0.y) } ?? "unknown",
        ]
      })
  }

  private var sets: String {
    Self.table(
      ["steps", "error", "Wiener filter", "mean image"],
      results.training.map {
        ["\($0.first)–\($0.last)", compact($0.error), compact($0.wiener), compact($0.meanImage)]
      })
  }

  private var run: String {
    Self.table(
      ["what", "value"],
      results.phases.map { ["\($0.name), seconds", compact($0.duration)] } + results.facts.map { [$0.name, $0.value] })
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    return ([line(head), line(head.map { _ in "---" })] + rows.map(line)).joined(separator: "\n")
  }
}
