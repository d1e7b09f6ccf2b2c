import BenchAPI
import Files
import Foundation
import Logging
import Records
import Training

/// The database of jobs, calibrations and models. It is an index: everything in it also stands in files, from which it is
/// rebuilt when it was lost. A failure to write it is logged and stops nothing.
struct RecordIndex: Sendable {
  private let store: RecordStore
  private let logger: Logger
  /// What was wrong with the database that was there, for people; empty when nothing was.
  let notice: String

  /// - Parameter path: the database's file.
  init(path: String, logger: Logger) throws {
    let opening = try RecordStore.open(path)
    store = opening.store
    self.logger = logger
    let refusal = opening.refusal.map { "the database is kept in memory only: \($0)" }
    notice = [opening.damage, refusal].compactMap(\.self).joined(separator: "; ")
    if !notice.isEmpty { logger.error("\(notice); the records are rebuilt from the files") }
  }

  /// Changes the index.
  func update(_ body: (RecordStore) throws -> Void) {
    do { try body(store) } catch { logger.error("the database was not changed: \(error)") }
  }

  /// Asks the index.
  func ask<Answer>(_ body: (RecordStore) throws -> Answer) throws -> Answer { try body(store) }

  /// Puts everything into the database's own file.
  func close() { update { try $0.close() } }

  /// Keeps a job, and its model when it has made one.
  ///
  /// - Parameter stamp: of the job's record as it is on the disk; nil when it is not.
  func save(_ job: JobRecord, stamp: String?) {
    update { store in
      try store.upsert(job.summary, result: job.result, stamp: stamp)
      if let model = ModelSummary(JobHead(summary: job.summary, result: job.result)) { try store.insert(model) }
    }
  }

  /// Brings the index up to date with the files.
  ///
  /// - Parameter present: the names of all runs.
  func fill(_ jobs: [IndexedJob], present: Set<String>) {
    let heads = jobs.map { JobHead(summary: $0.summary, result: $0.result) }
    update { try $0.update(jobs: jobs, models: heads.compactMap(ModelSummary.init), present: present) }
  }

  /// Makes the index of calibrations from the files.
  func fill(_ calibrations: CalibrationShelf.Contents) {
    for problem in calibrations.problems { logger.warning("\(problem)") }
    update { try $0.replace(calibrations: calibrations.records, inForce: calibrations.inForce) }
  }
}

extension ModelSummary {
  /// The model that a training has made; nil for every other job.
  init?(_ job: JobHead) {
    let summary = job.summary
    guard summary.kind == TrainJob.kind, summary.state == .succeeded,
      let request = try? summary.parameters.decoded(as: TrainRequest.self),
      let result = try? job.result?.decoded(as: TrainResult.self)
    else { return nil }
    let errors = result.sets.map(\.error)
    self.init(
      id: summary.id, date: summary.ended ?? summary.created, run: summary.id, mode: request.mode,
      dataset: Excerpt.of(request.dataset), error: errors.reduce(0, +) / Double(max(1, errors.count)),
      frames: result.frames,
      seed: request.seed ?? 1, calibration: result.calibration, software: SoftwareVersion.current)
  }
}
