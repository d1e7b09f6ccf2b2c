import BenchAPI
import Files
import Foundation
import Logging
import Records

/// The database of jobs, calibrations and models. It is an index: everything in it also stands in files, from which it is
/// rebuilt when it was lost. A failure to write it is logged and stops nothing.
package struct RecordIndex: Sendable {
  private let store: RecordStore
  private let model: @Sendable (JobHead) -> ModelSummary?
  private let logger: Logger
  /// What was wrong with the database that was there, for people; empty when nothing was.
  package let notice: String

  /// - Parameters:
  ///   - path: the database's file.
  ///   - model: the model that a job has made; nil when it has made none.
  package init(path: String, logger: Logger, model: @escaping @Sendable (JobHead) -> ModelSummary?) throws {
    let opening = try RecordStore.open(path)
    store = opening.store
    self.model = model
    self.logger = logger
    let refusal = opening.refusal.map { "the database is kept in memory only: \($0)" }
    notice = [opening.damage, refusal].compactMap(\.self).joined(separator: "; ")
    if !notice.isEmpty { logger.error("\(notice); the records are rebuilt from the files") }
  }

  /// Changes the index.
  package func update(_ body: (RecordStore) throws -> Void) {
    do { try body(store) } catch { logger.error("the database was not changed: \(error)") }
  }

  /// Asks the index.
  package func ask<Answer>(_ body: (RecordStore) throws -> Answer) throws -> Answer { try body(store) }

  /// Puts everything into the database's own file.
  package func close() { update { try $0.close() } }

  /// Keeps a job, and its model when it has made one.
  ///
  /// - Parameter stamp: of the job's record as it is on the disk; nil when it is not.
  func save(_ job: JobRecord, stamp: String?) {
    update { store in
      try store.upsert(IndexedJob(job.summary, result: job.result, stamp: stamp))
      if let model = model(JobHead(summary: job.summary, result: job.result)) {
        try store.insert(ModelRecord(model))
      }
    }
  }

  /// Brings the index up to date with the files.
  ///
  /// - Parameter present: the names of all runs.
  func fill(_ jobs: [IndexedJob], present: Set<String>) {
    update { store in
      let models = try jobs.compactMap { model(try $0.head()) }.map { ModelRecord($0) }
      try store.update(jobs: jobs, models: models, present: present)
    }
  }

  /// Makes the index of calibrations from the files.
  func fill(_ calibrations: CalibrationShelf.Contents) {
    for problem in calibrations.problems { logger.warning("\(problem)") }
    update { try $0.replace(calibrations: calibrations.records, inForce: calibrations.inForce) }
  }
}
