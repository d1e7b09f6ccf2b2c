import BenchTestKit
import Foundation
import Report
import Testing

extension RunningDaemon {
  private struct Reported: Decodable {
    struct Part: Decodable {
      struct Words: Decodable {
        struct Discrepancy: Decodable { var pearson: Double }
        var after: Discrepancy
      }
      var routine: String
      var report: Words
      var figures: [Figure]
    }
    var parts: [Part]
  }

  /// Protects what a calibration's report shows: the residuals that are drawn have as their mean what the fit itself states, which is
  /// computed elsewhere; and the page stands by itself.
  func requireReport() throws {
    let folder = try TemporaryFolder()
    let (data, page) = (folder.file("report.json"), folder.file("report.html"))
    _ = try json("cal", "report", "--output", data)
    _ = try json("cal", "report", "--run", "0001-calibrate", "--output", page)
    let bytes = try #require(FileManager.default.contents(atPath: data))
    let part = try #require(try JSONDecoder().decode(Reported.self, from: bytes).parts.first)
    #expect(part.routine == "twin")
    let plots = part.figures.compactMap { figure in if case .curves(let plot) = figure { plot } else { nil } }
    let residuals = try #require(plots.first { $0.title == "Residual by frame" })
    let heldOut = try #require(residuals.series.first { $0.name == "held out" }).points.map(\.y)
    #expect(heldOut.count == 8)
    #expect(abs(heldOut.reduce(0, +) / 8 - part.report.after.pearson) < 1e-3 * part.report.after.pearson)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.hasPrefix("<!DOCTYPE html>") && text.contains("data:image/png;base64,"))
    #expect(!text.contains("http") && !text.contains("<script"))
  }
}
