import BenchAPI
import Foundation
import Logging
import Records
import Twin

/// The calibrations in the state folder, and which of them is in force.
struct CalibrationStore: Sendable {
  private let shelf: CalibrationShelf
  private let index: RecordIndex
  private let clock: ServiceClock

  /// - Parameter state: the state folder.
  init(state: URL, index: RecordIndex, clock: ServiceClock) {
    shelf = CalibrationShelf(folder: state.appendingPathComponent("calibrations").path)
    self.index = index
    self.clock = clock
  }

  /// The calibrated parameters of this bench; nil when it was never calibrated as it is now.
  func load(for description: TwinDescription) throws -> TwinParameters? {
    guard let record = shelf.inForce(benchHash: try BenchHash.of(description)) else { return nil }
    return try shelf.content(of: record.id)
  }

  /// The name of the calibration in force.
  func inForce(for description: TwinDescription) throws -> String? {
    shelf.inForce(benchHash: try BenchHash.of(description))?.id
  }

  /// Keeps a calibration and puts it in force.
  func save(_ parameters: TwinParameters, _ result: CalibrateResult, for description: TwinDescription, run: String)
    throws
  {
    let record = CalibrationRecord(
      id: try shelf.nextIdentifier(), date: clock.date(), benchHash: try BenchHash.of(description),
      parameters: result.parameters.map {
        CalibrationRecord.Parameter(
          name: $0.name, unit: $0.unit, value: $0.value, standardDeviation: $0.standardDeviation)
      }, discrepancyBefore: result.before.pearson, discrepancyAfter: result.after.pearson, run: run,
      software: ServiceVersion.current)
    try shelf.save(record, content: parameters)
    index.update { try $0.insert(record) }
  }

  /// Puts an earlier calibration in force again.
  func restore(_ id: String) throws {
    do {
      try shelf.restore(id)
    } catch let error as RecordsError {
      throw ServiceError.absent("\(error)")
    }
    index.update { try $0.restore(id) }
  }

  /// What is on the shelf.
  var contents: CalibrationShelf.Contents { shelf.contents() }

  /// All calibrations, newest first.
  func summaries(for description: TwinDescription) throws -> [CalibrationSummary] {
    let hash = try BenchHash.of(description)
    let present = shelf.inForce(benchHash: hash)?.id
    let now = clock.date()
    return contents.records.map { record in
      CalibrationSummary(
        id: record.id, date: record.date, age: max(0, now.timeIntervalSince(record.date)),
        inForce: record.id == present,
        reason: CalibrationStaleness(of: record, benchHash: hash, at: now)?.description, run: record.run,
        discrepancyBefore: record.discrepancyBefore, discrepancyAfter: record.discrepancyAfter,
        parameters: record.parameters)
    }
  }
}

extension JobContext {
  /// The parameters in force: calibrated when they were, else as the bench file says.
  func presentParameters() throws -> TwinParameters {
    try calibrations.load(for: bench.file.twin) ?? bench.file.parameters
  }

  /// The folder of another job.
  func run(_ id: String) -> URL { directory.deletingLastPathComponent().appendingPathComponent(id) }
}
