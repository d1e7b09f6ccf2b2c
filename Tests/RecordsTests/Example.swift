import Foundation
import Records

/// Records for the tests.
enum Example {
  static let date = Date(timeIntervalSince1970: 1_700_000_000)

  static func calibration(_ id: String, bench: String) -> CalibrationRecord {
    CalibrationRecord(
      id: id, date: date, benchHash: bench,
      parameters: [.init(name: "tip", unit: "rad", value: 1e-3, standardDeviation: .infinity)],
      discrepancyBefore: 0.5, discrepancyAfter: 0.01, run: "0001-calibrate", software: "odu 1.0")
  }

  static func model(_ id: String) -> ModelRecord {
    ModelRecord(
      id: id, date: date, run: id, mode: "online", dataset: "glyphs", error: 0.25, frames: 1000, seed: .max,
      calibration: "0001", software: "odu 1.0")
  }

  static func job(_ number: Int, hasEnded: Bool = true, created: Date = date) -> IndexedJob {
    let id = "\(number < 1000 ? String(repeating: "0", count: 4 - "\(number)".count) : "")\(number)-train"
    return IndexedJob(
      id: id, hasEnded: hasEnded,
      summary: #"{"created":"\#(created.ISO8601Format())","id":"\#(id)","parameters":{"größe":0.5}}"#,
      result: hasEnded ? #"{"loss":[\#(number)]}"# : nil)
  }
}
