import Foundation

/// The measurements of all rows, kept as a file beside the page, so that a row or a seed can be measured by itself.
struct Results: Codable {
  /// By title of the row and seed.
  var rows: [String: [UInt64: Measurement]] = [:]

  static func load(_ path: String) -> Results {
    guard let data = FileManager.default.contents(atPath: path) else { return Results() }
    return (try? JSONDecoder().decode(Results.self, from: data)) ?? Results()
  }

  func save(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// The page.
  var text: String {
    """
    # What calibration finds, and what the benches have

    Written by `make bench-calibration`. Each line is a routine on simulated benches whose truth is known, one for each seed; the bench
    file's own goals stand beside what was measured. *Frames* are those of the routine itself, and in all with those of the calibrations
    before it; *bench* is the time of the bench's clock for all of them, *computing* the routine's own on this machine, in seconds.

    | quantity | goal (median) | median | worst | seeds | frames | bench | computing |
    |---|---|---|---|---|---|---|---|
    \(Rows.all.compactMap(line).joined(separator: "\n"))

    ## By seed

    | quantity | seed | value | note |
    |---|---|---|---|
    \(Rows.all.flatMap(seeds).joined(separator: "\n"))

    """
  }

  private func line(_ row: any Row) -> String? {
    guard let found = rows[row.title], !found.isEmpty else { return nil }
    let all = Array(found.values)
    func median(_ value: (Measurement) -> Double) -> Double {
      let sorted = all.map(value).sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let worst = all.map(\.value).max() ?? .nan
    return String(
      format: "| %@ | %@ | %.4g %@ | %.4g %@ | %d | %.0f of %.0f | %.1f | %.0f |", row.title, row.goal, median(\.value),
      row.unit, worst, row.unit, all.count, median { Double($0.ownFrames) }, median { Double($0.frames) },
      median(\.benchTime), median(\.computing))
  }

  private func seeds(_ row: any Row) -> [String] {
    (rows[row.title] ?? [:]).sorted { $0.key < $1.key }.map { seed, found in
      String(format: "| %@ | %d | %.4g %@ | %@ |", row.title, Int(seed), found.value, row.unit, found.note)
    }
  }
}
