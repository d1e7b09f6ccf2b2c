import BenchAPI
import Calibration
import Files
import Foundation
import Jobs
import Measuring
import ReadableNumbers
import Report

/// What a calibration measured and found: a page to look at, and the same as data.
struct CalibrationReport: Codable {
  /// The artefacts that hold them.
  static let (page, data) = ("report.html", "report.json")

  struct Part: Codable {
    var routine: String
    var report: RoutineReport
    var figures: [Figure]
  }

  var run: String
  var version: String
  var revision: String?
  var seed: UInt64
  var parts: [Part]

  init(of run: String, seed: UInt64, _ outcomes: [RoutineOutcome]) {
    (self.run, self.seed) = (run, seed)
    (version, revision) = (SoftwareVersion.current, SoftwareRevision.current)
    parts = outcomes.map { Part(routine: $0.routine, report: $0.report, figures: $0.figures) }
  }

  func write(by host: some JobHost) throws {
    try host.write(Array(html().utf8), as: Self.page)
    try host.write([UInt8](APICoding.encode(self)), as: Self.data)
  }

  func html() -> String {
    Page(
      title: "Calibration \(run)", subtitle: "odu \(version) · seed \(seed)",
      sections: parts.map { Page.Section($0.routine, CalibrationSection($0).blocks) }
    ).html()
  }
}

/// What one routine found, on the page.
private struct CalibrationSection {
  private let part: CalibrationReport.Part
  private var report: RoutineReport { part.report }

  init(_ part: CalibrationReport.Part) { self.part = part }

  var blocks: [any Block] { [Paragraph(summary), values] + discrepancy + figures + remarks }

  /// Pictures by themselves, plots beside each other.
  private var figures: [any Block] {
    var (blocks, plots) = ([any Block](), [any Block]())
    func row() { if !plots.isEmpty { blocks.append(Row(plots)) } }
    for figure in part.figures {
      if case .pictures = figure {
        row()
        plots = []
        blocks.append(figure.block)
      } else {
        plots.append(figure.block)
      }
    }
    row()
    return blocks
  }

  private var summary: String {
    let meaning = report.meaning.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
    let refusal = report.isAccepted ? nil : "The calibration was not accepted."
    return [refusal, meaning, report.verdict?.words, taken].compactMap(\.self).joined(separator: " ")
  }

  private var taken: String {
    guard report.heldOut > 0 else { return "\(report.frames) frames were taken." }
    return "\(report.frames) frames were taken, \(report.fitted) fitted, and \(report.heldOut) kept to judge the fit."
  }

  private var values: Table {
    Table(
      "What was found", note: "The deviation is the standard deviation.",
      columns: [
        .init("Name"), .number("Start"), .number("Value"), .number("Deviation"), .init("Unit"),
      ],
      rows: report.estimates.map { estimate in
        [
          estimate.name, estimate.start.map { compact($0) } ?? "", compact(estimate.value),
          estimate.standardDeviation > 0 ? compact(estimate.standardDeviation, digits: 2) : "", estimate.unit,
        ]
      })
  }

  private var discrepancy: [any Block] {
    guard let before = report.before, let after = report.after else { return [] }
    func row(_ name: String, _ value: (Discrepancy) -> Double) -> [String] {
      [name, compact(value(before), digits: 3), compact(value(after), digits: 3)]
    }
    let note = report.noiseRatio.map { "The residuals are \(brief($0)) times what noise explains." } ?? ""
    return [
      Table(
        "Discrepancy between twin and bench", note: note,
        columns: [.init("One minus"), .number("Before"), .number("After")],
        rows: [row("Pearson correlation", \.pearson), row("cosine similarity", \.cosine)])
    ]
  }

  private var remarks: [any Block] {
    let untouched =
      report.untouched.isEmpty
      ? []
      : ["Left as they were, since the frames gain too little by them: \(report.untouched.joined(separator: ", "))."]
    let items = report.suspicions + untouched + report.weaknesses
    return items.isEmpty ? [] : [Remarks(items)]
  }
}
