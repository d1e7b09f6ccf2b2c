import BenchFile
import BenchTestKit
import Calibration
import DriverCatalogue
import Foundation
import Jobs
import Logging
import Records
import ServiceCore
import Testing
import Twin

/// Calibrations that go from one state folder to another.
@Suite("Exported calibrations") struct ExportTests {
  private func store(in folder: URL, _ name: String) throws -> CalibrationStore {
    let folder = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    return CalibrationStore(
      folder: folder.appendingPathComponent("calibrations").path,
      numbers: NumberCounter(path: folder.appendingPathComponent("numbers.state").path),
      index: try RecordIndex(path: folder.appendingPathComponent("odu.sqlite").path, logger: logger) { _ in nil },
      clock: Stage().clock, logger: logger)
  }

  private func product(_ name: String, _ value: Double) -> Product {
    Product(
      content: .alignment(ParameterValues([name: value])),
      report: RoutineReport(estimates: [], frames: 3, fitted: 3),
      provenance: Provenance(routine: "alignment", seed: 1, software: "1"))
  }

  /// A bench file whose store has a calibration in force, and the file that it exports.
  private func exported(in folder: URL) async throws -> (file: BenchFile, text: String) {
    let file = try BenchFile.load(path: "simulated", drivers: .standard)
    let store = try store(in: folder, "first")
    try store.prepare(
      [product("mirrorTiltX", 1.25e-3)], on: BenchIdentity(file), setup: CalibrationStore.setup(of: file), run: "r1")
    store.publish(run: "r1")
    return (file, try await store.export(file, equipment: nil).text)
  }

  private func calibrations(in text: String) throws -> [ExportedCalibration] {
    try BenchFile.calibrations(in: text, path: "file").map { try ExportedCalibration(line: $0) }
  }

  @Test("what is in force on one bench comes into force elsewhere, with its date, once")
  func receive() async throws {
    try await withFolder { folder in
      let (file, text) = try await exported(in: folder)
      let other = try store(in: folder, "second")
      let carried = try calibrations(in: text)
      let names = try other.receive(carried, on: file)
      #expect(try other.bench(of: file).parameters["mirrorTiltX"] == 1.25e-3)
      let first = try #require(other.summaries(on: BenchIdentity(file)).first)
      #expect(names == [first.id] && first.inForce && first.date == carried.first?.date && first.routine == "alignment")
      // The same one again is the same calibration, and comes into force again.
      try other.prepare([product("mirrorTiltX", 2e-3)], on: BenchIdentity(file), run: "r2")
      other.publish(run: "r2")
      #expect(try other.bench(of: file).parameters["mirrorTiltX"] == 2e-3)
      #expect(try other.receive(carried, on: file) == names)
      #expect(try other.bench(of: file).parameters["mirrorTiltX"] == 1.25e-3)
      #expect(try other.summaries(on: BenchIdentity(file)).count == 2)
    }
  }

  @Test("what is of another bench, or has a parameter that this one lacks, is refused and changes nothing")
  func refuse() async throws {
    try await withFolder { folder in
      let (file, text) = try await exported(in: folder)
      let other = try store(in: folder, "second")
      let carried = try calibrations(in: text)
      let stranger = try BenchFile.load(path: "paper-mplc", drivers: .standard)
      #expect { try other.receive(carried, on: stranger) } throws: {
        ($0 as? ServiceError)?.cause == .calibrationStaleBench
      }
      var unknown = carried
      unknown[0].product = product("no such parameter", 1)
      #expect(throws: TwinError.self) { try other.receive(carried + unknown, on: file) }
      #expect(try other.summaries(on: BenchIdentity(file)).isEmpty)
    }
  }

  @Test("a bench file brings its calibrations along where there are none, and never replaces one")
  func takeUp() async throws {
    try await withFolder { folder in
      let (_, text) = try await exported(in: folder)
      let file = try BenchFile(yaml: text, path: "exported.yaml", drivers: .standard)
      let other = try store(in: folder, "second")
      other.takeUp(from: file)
      #expect(try other.bench(of: file).parameters["mirrorTiltX"] == 1.25e-3)
      try other.prepare([product("mirrorTiltX", 2e-3)], on: BenchIdentity(file), run: "r2")
      other.publish(run: "r2")
      other.takeUp(from: file)
      #expect(try other.bench(of: file).parameters["mirrorTiltX"] == 2e-3)
      #expect(try other.summaries(on: BenchIdentity(file)).count == 2)
      // A line that was damaged is left out, and the rest of the file counts.
      let damaged = try store(in: folder, "third")
      damaged.takeUp(
        from: try BenchFile(
          yaml: text.replacingOccurrences(of: "\"product\":", with: "\"produce\":"), path: "damaged.yaml",
          drivers: .standard))
      #expect(damaged.summaries(on: try BenchIdentity(file)).isEmpty)
    }
  }
}
