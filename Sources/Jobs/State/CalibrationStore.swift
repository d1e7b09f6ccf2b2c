import BenchAPI
import Foundation
import Logging
import Records
import ServiceCore
import Twin

/// The calibrations in the state folder, and which of them is in force.
public struct CalibrationStore: Sendable {
  private let shelf: CalibrationShelf
  private let index: RecordIndex
  private let clock: ServiceClock

  private let logger: Logger

  /// - Parameter folder: `<state>/calibrations`.
  package init(folder: String, numbers: NumberCounter, index: RecordIndex, clock: ServiceClock, logger: Logger) {
    shelf = CalibrationShelf(folder: folder, numbers: numbers)
    self.index = index
    self.logger = logger
    self.clock = clock
  }

  /// The calibrated parameters of this bench; nil when it was never calibrated as it is now.
  package func load(for description: TwinDescription) throws -> TwinParameters? {
    guard let record = try shelf.inForce(benchHash: try BenchHash.of(description)) else { return nil }
    return try shelf.content(of: record.id)
  }

  /// The name of the calibration in force.
  package func inForce(for description: TwinDescription) throws -> String? {
    try shelf.inForce(benchHash: try BenchHash.of(description))?.id
  }

  /// Keeps a calibration of a run that has not ended.
  package func prepare(
    _ parameters: TwinParameters, _ result: CalibrateResult, for description: TwinDescription, run: String
  )
    throws
  {
    let record = CalibrationRecord(
      id: "", date: clock.date(), benchHash: try BenchHash.of(description),
      parameters: result.parameters, discrepancyBefore: result.before.pearson, discrepancyAfter: result.after.pearson,
      verdict: result.verdict?.modelClass, noiseRatio: result.noiseRatio, weaknesses: result.weaknesses, run: run,
      software: SoftwareVersion.current)
    try shelf.prepare(record, content: parameters)
  }

  /// Whether a run has prepared a calibration, of this bench when one is given.
  package func isPrepared(by run: String, for description: TwinDescription? = nil) -> Bool {
    guard let record = shelf.prepared(by: run) else { return false }
    return description.map { (try? BenchHash.of($0)) == record.benchHash } ?? true
  }

  /// Puts the calibration of a run that has succeeded in force.
  package func publish(run: String) {
    do {
      guard let record = try shelf.publish(run: run) else { return }
      index.update { try $0.insert(record) }
    } catch {
      logger.error("the calibration of run \(run) is not in force: \(error)")
    }
  }

  func discard(run: String) { shelf.discard(run: run) }

  /// Puts what earlier daemons prepared in force when its job has succeeded, and forgets it when it will not any more. Says what
  /// is wrong with those in force.
  package func settle(state: (String) -> JobState?) {
    for run in shelf.preparedRuns {
      switch state(run) {
      case .succeeded: publish(run: run)
      case .queued, .running, .paused: break
      case .failed, .cancelled, nil: discard(run: run)
      }
    }
    for problem in shelf.problemsInForce { logger.warning("\(problem)") }
  }

  /// Puts an earlier calibration in force again.
  package func restore(_ id: String) throws {
    try shelf.restore(id)
    index.update { try $0.restore(id) }
  }

  /// What is on the shelf.
  var contents: CalibrationShelf.Contents { shelf.contents() }

  /// All calibrations, newest first.
  package func summaries(for description: TwinDescription) throws -> [CalibrationSummary] {
    let hash = try BenchHash.of(description)
    let present = try? shelf.inForce(benchHash: hash)?.id
    let now = clock.date()
    return contents.records.map { record in
      CalibrationSummary(
        id: record.id, date: record.date, age: max(0, now.timeIntervalSince(record.date)),
        inForce: record.id == present,
        reason: CalibrationStaleness(of: record, benchHash: hash, at: now)?.description, run: record.run,
        discrepancyBefore: record.discrepancyBefore, discrepancyAfter: record.discrepancyAfter,
        verdict: record.verdict, noiseRatio: record.noiseRatio, weaknesses: record.weaknesses,
        parameters: record.parameters)
    }
  }
}

extension CalibrationStore {
  /// Why nobody can say which calibration is in force; nil when all is well.
  package func problem(for description: TwinDescription) -> String? {
    do {
      _ = try inForce(for: description)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
