import BenchAPI
import Foundation
import ReadableNumbers

extension JobProgress {
  /// The part that is done, 0…1.
  var part: Double { total > 0 ? min(max(Double(completed) / Double(total), 0), 1) : 0 }

  /// `30/120 (25 %)`, and `25 %` of work, which is counted in hundredths and has no rate.
  var counts: String { total == 100 && rate == nil ? "\(completed) %" : "\(completed)/\(total) (\(Int(100 * part)) %)" }

  /// `, 12/s, 6 s left`, as far as that is known.
  var remaining: String {
    var text = ""
    if let rate, rate > 0 { text += ", \(number(rate, decimals: rate < 10 ? 1 : 0))/s" }
    if let timeLeft, timeLeft.isFinite, completed < total { text += ", \(duration(timeLeft)) left" }
    return text
  }
}

extension JobSummary {
  /// How far it is, or how long it took.
  var advance: String {
    if !state.isTerminal { return progress.map { "\($0.phase) \($0.counts)\($0.remaining)" } ?? "" }
    guard let started, let ended else { return "" }
    return "took \(duration(ended.timeIntervalSince(started)))"
  }

  /// A name and a value for everything that is known.
  var rows: [[String]] {
    let all: [(String, String?)] = [
      ("job", id), ("kind", kind), ("state", state.rawValue), ("message", message),
      (state.isTerminal ? "time" : "progress", advance), ("created", created.ISO8601Format()),
      ("started", started?.ISO8601Format()), ("ended", ended?.ISO8601Format()),
      ("files", artefacts.joined(separator: " ")),
    ]
    return all.compactMap { name, value in value.flatMap { $0.isEmpty ? nil : [name, $0] } }
  }
}
