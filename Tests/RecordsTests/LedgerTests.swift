import BenchTestKit
import Files
import Foundation
import Records
import Testing

/// Protects what is kept of the drift of a bench.
@Suite("Ledger") struct LedgerTests {
  private func record(_ number: Int) -> DriftRecord {
    DriftRecord(
      date: Date(timeIntervalSince1970: Double(number)), bench: "b", calibrations: ["0001"],
      reading: DriftRecord.Reading(
        discrepancy: 0.01 * Double(number), noiseFloor: 0.001, start: 0.01, frames: 8, benchTime: 0.25))
  }

  @Test("what was appended is there again, damaged lines are left out and told, and the rest is not concerned")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("drift.jsonl")
    let ledger = Ledger<DriftRecord>(path: path)
    #expect(ledger.lines.isEmpty && ledger.damage == nil)
    for number in 1...3 { try ledger.append(record(number)) }
    var text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.split(separator: "\n").count == 3)
    text = text.replacing("0.02", with: "0.0\u{0}") + #"{"date":"1970"#
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let again = Ledger<DriftRecord>(path: path)
    #expect(again.lines == [record(1), record(3)])
    #expect(again.damage == "\(path): 2 of 4 lines are damaged and left out")
    try again.append(record(4))
    #expect(Ledger<DriftRecord>(path: path).lines == [record(1), record(3), record(4)])
  }

  @Test("its size is bounded: of what is old, every second line is forgotten, and the newest are all there")
  func thinned() throws {
    let folder = try TemporaryFolder()
    let ledger = Ledger<DriftRecord>(path: folder.file("drift.jsonl"), limit: 16)
    for number in 1...200 {
      try ledger.append(record(number))
      #expect(ledger.lines.count <= 16)
    }
    let times = ledger.lines.map { Int($0.date.timeIntervalSince1970) }
    #expect(times.suffix(8) == Array(193...200) && times == times.sorted())
    #expect(try #require(times.first) == 1, "the beginning is known as long as anything is")
    #expect(Ledger<DriftRecord>(path: folder.file("drift.jsonl"), limit: 16).lines == ledger.lines)
  }

  @Test("what cannot be written is not there, and said")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    let ledger = Ledger<DriftRecord>(path: folder.path)
    #expect(ledger.damage != nil && ledger.lines.isEmpty)
    #expect(throws: FilesError.self) { try ledger.append(record(1)) }
    #expect(ledger.lines.isEmpty)
  }
}
