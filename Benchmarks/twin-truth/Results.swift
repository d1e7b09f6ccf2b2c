import Foundation

/// One line of the results: a plant, and what is free.
struct Row {
  var plant: Plant.Kind
  /// Whether the 23 parameters of ``Plant/few`` are free instead of what the profile frees.
  var isFew = false
  /// Whether a second search starts elsewhere.
  var isTwice = true
  var title = ""

  static let all = [
    Row(plant: .own, title: "simulated, of the twin's own class"),
    Row(plant: .few, isFew: true, title: "simulated, with what 23 parameters describe"),
    Row(plant: .realistic, title: "`realistic`"),
    Row(plant: .secondOwn, title: "second plant, of the twin's own class"),
    Row(plant: .second, title: "second plant, with more than the twin has"),
  ]
}

/// The rows as a page.
struct Results {
  /// By row of ``Row/all`` and seed.
  private var lines: [Key: String] = [:]

  private struct Key: Hashable, Comparable {
    var row: Int
    var seed: UInt64

    static func < (a: Key, b: Key) -> Bool { (a.row, a.seed) < (b.row, b.seed) }
  }

  /// - Parameter page: an earlier page, whose lines stay as long as they are not measured again.
  init(keeping page: String) {
    for line in page.split(separator: "\n") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count > 2, let row = Row.all.firstIndex(where: { $0.title == cells[0] }), let seed = UInt64(cells[1])
      else { continue }
      lines[Key(row: row, seed: seed)] = String(line)
    }
  }

  mutating func add(_ outcome: Outcome, to row: Row) {
    func angle(_ entry: Outcome.Entry?) -> String {
      entry.map { String(format: "%.0f ± %.0f", 1e6 * $0.error, 1e6 * $0.deviation) } ?? ""
    }
    func named(_ name: String?, _ value: Double?) -> String { String(format: "%@ %.1f", name ?? "", value ?? .nan) }
    guard let index = Row.all.firstIndex(where: { $0.title == row.title }) else { return }
    lines[Key(row: index, seed: outcome.seed)] = String(
      format: "| %@ | %d | %d of %d | %.2f | %@ | %@ | %.4f | %.4f | %@ | %@ | %.0f |", row.title, Int(outcome.seed),
      outcome.within, outcome.entries.count, outcome.rootMeanSquare,
      named(outcome.worst?.name, outcome.worst?.score), angle(outcome.worstAngle), outcome.report.after.pearson,
      outcome.discrepancyAtTruth, outcome.report.verdict.modelClass.rawValue,
      named(outcome.apart?.name, outcome.apart?.deviations), outcome.seconds)
  }

  var text: String {
    """
    # What fits say of their benches, and what these have

    Written by `make twin-truth`. Each line is a fit of 16 frames from a start without any angle, judged on 8 others, of a bench
    whose truth is known. The second plant is other code than the simulated bench (`Benchmarks/second-plant`).

    - *within*: parameters that lie within two of their stated standard deviations of the truth; 95 % would.
    - *error / sd*: its root mean square over the parameters, which should be 1, and the worst.
    - *angle*: the worst of the four angles, in µrad, with what the fit says of it.
    - *D*: 1 − Pearson on the held-out frames after the fit, and that of a twin with every value at its truth.
    - *two starts*: how far a search from half as large angles again and a gap 0.1 mm off ends from the first, in standard
      deviations, for the parameter that lies farthest apart.
    - *s*: processor time of one fit.

    | bench | seed | within | error / sd | worst | angle | D | D at truth | verdict | two starts | s |
    |---|---|---|---|---|---|---|---|---|---|---|
    \(lines.sorted { $0.key < $1.key }.map(\.value).joined(separator: "\n"))

    """
  }
}
