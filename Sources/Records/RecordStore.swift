import Foundation
import GRDB

/// The index of jobs, calibrations and models: an SQLite database that can be rebuilt from the files of the state
/// folder, which stay the truth.
public final class RecordStore: Sendable {
  private let database: any DatabaseWriter
  private let path: String

  init(_ database: any DatabaseWriter, path: String) {
    self.database = database
    self.path = path
  }

  // MARK: - Jobs

  /// Keeps a job as it is now.
  ///
  /// - Throws: ``RecordsError``, as every function here.
  public func upsert(_ job: IndexedJob) throws { try write { try Self.insert(job, in: $0) } }

  /// The stamps of the jobs that have ended, by job.
  public func stamps() throws -> [String: String] {
    try read { database in
      let rows = try StampRow.fetchAll(
        database, sql: "SELECT id, stamp FROM job WHERE ended AND stamp IS NOT NULL")
      return Dictionary(rows.map { ($0.id, $0.stamp) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// Brings jobs and their models up to date, and forgets those that are not present any more; at once or not at all.
  public func update(jobs: [IndexedJob], models: [ModelRecord], present: Set<String>) throws {
    try write { database in
      for id in try String.fetchAll(database, sql: "SELECT id FROM job") where !present.contains(id) {
        try Self.remove(id, in: database)
      }
      for job in jobs { try Self.insert(job, in: database) }
      for model in models { try Self.insert(model, in: database) }
    }
  }

  /// Replaces the calibrations by what the files say, at once or not at all.
  ///
  /// - Parameter inForce: the calibration in force, by bench hash.
  public func replace(calibrations: [CalibrationRecord], inForce: [String: String]) throws {
    try write { database in
      for table in ["calibration", "inForce"] { try database.execute(sql: "DELETE FROM \(table)") }
      for calibration in calibrations { try Self.insert(calibration, in: database) }
      for (bench, calibration) in inForce { try Self.mark(calibration, on: bench, in: database) }
    }
  }

  /// Jobs from the newest on, or from the newest before `id`, whether or not that job is still there.
  public func page(limit: Int, before id: String? = nil) throws -> [IndexedJob] {
    let (bound, limit) = (id ?? "", max(0, limit))
    let condition = id == nil ? "" : "WHERE (number, id) < (?, ?)"
    let arguments: StatementArguments = id == nil ? [limit] : [RunningNumber.of(bound) ?? 0, bound, limit]
    return try read {
      try JobRow.fetchAll(
        $0, sql: "SELECT id, ended, summary, result FROM job \(condition) ORDER BY number DESC, id DESC LIMIT ?",
        arguments: arguments
      ).map(Self.job)
    }
  }

  /// The job of this name.
  public func job(_ id: String) throws -> IndexedJob? {
    try read {
      try JobRow.fetchOne($0, sql: "SELECT id, ended, summary, result FROM job WHERE id = ?", arguments: [id]).map(
        Self.job)
    }
  }

  /// Forgets a job and the models in its folder. Calibrations stay: their files are elsewhere.
  public func remove(_ id: String) throws { try write { try Self.remove(id, in: $0) } }

  private static func remove(_ id: String, in database: Database) throws {
    try database.execute(sql: "DELETE FROM job WHERE id = ?", arguments: [id])
    try database.execute(sql: "DELETE FROM model WHERE run = ?", arguments: [id])
  }

  // MARK: - Calibrations

  /// Keeps a calibration and puts it in force on its bench.
  public func insert(_ calibration: CalibrationRecord) throws {
    try write {
      try Self.insert(calibration, in: $0)
      try Self.mark(calibration.id, on: calibration.slot, in: $0)
    }
  }

  /// All calibrations, newest first.
  public func calibrations() throws -> [CalibrationRecord] {
    try read { try Self.records("SELECT record FROM calibration ORDER BY number DESC, id DESC", [], in: $0) }
  }

  /// The calibration in force on a bench; the newest when nothing is marked. Nil when the bench was never calibrated.
  public func inForce(benchHash: String) throws -> CalibrationRecord? {
    let sql = """
      SELECT record FROM calibration WHERE benchHash = ?1
      ORDER BY id = (SELECT calibration FROM inForce WHERE benchHash = ?1) DESC, number DESC, id DESC LIMIT 1
      """
    let found: [CalibrationRecord] = try read { try Self.records(sql, [benchHash], in: $0) }
    return found.first
  }

  /// Puts an earlier calibration in force on its bench.
  ///
  /// - Throws: ``RecordsError/absent(calibration:known:)`` too.
  public func restore(_ id: String) throws {
    try write { database in
      let bench = try String.fetchOne(
        database, sql: "SELECT benchHash FROM calibration WHERE id = ?", arguments: [id])
      guard let bench else {
        let known = try String.fetchAll(database, sql: "SELECT id FROM calibration ORDER BY number, id")
        throw RecordsError.absent(calibration: id, known: known)
      }
      try Self.mark(id, on: bench, in: database)
    }
  }

  // MARK: - Models

  /// Keeps where a model came from.
  public func insert(_ model: ModelRecord) throws { try write { try Self.insert(model, in: $0) } }

  /// All models, newest first.
  public func models() throws -> [ModelRecord] {
    try read { try Self.records("SELECT record FROM model ORDER BY number DESC, id DESC", [], in: $0) }
  }

  /// The model of this name.
  public func model(_ id: String) throws -> ModelRecord? {
    let found: [ModelRecord] = try read { try Self.records("SELECT record FROM model WHERE id = ?", [id], in: $0) }
    return found.first
  }

  // MARK: - From the files

  /// Replaces everything by what the files say, at once or not at all.
  ///
  /// - Parameter inForce: the calibration in force, by bench hash.
  public func rebuild(
    jobs: [IndexedJob], calibrations: [CalibrationRecord], inForce: [String: String], models: [ModelRecord]
  ) throws {
    try write { database in
      for table in RecordSchema.tables { try database.execute(sql: "DELETE FROM \(table)") }
      for job in jobs { try Self.insert(job, in: database) }
      for calibration in calibrations { try Self.insert(calibration, in: database) }
      for (bench, calibration) in inForce { try Self.mark(calibration, on: bench, in: database) }
      for model in models { try Self.insert(model, in: database) }
    }
  }

  /// Ends all use of the file, which then holds everything without its log.
  public func close() throws {
    try translating {
      // The log of a full disk stays; the next start reads it.
      _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      try database.close()
    }
  }

  // MARK: - Rows

  private static func insert(_ job: IndexedJob, in database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO job (id, number, summary, result, ended, stamp) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        job.id, RunningNumber.of(job.id) ?? 0, job.summary, job.result, job.hasEnded, job.stamp,
      ])
  }

  private static func insert(_ calibration: CalibrationRecord, in database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO calibration (id, number, benchHash, record) VALUES (?, ?, ?, ?)",
      arguments: [
        calibration.id, RunningNumber.of(calibration.id) ?? 0, calibration.slot, try text(calibration),
      ])
  }

  private static func insert(_ model: ModelRecord, in database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO model (id, number, run, record) VALUES (?, ?, ?, ?)",
      arguments: [model.id, RunningNumber.of(model.id) ?? 0, model.run, try text(model)])
  }

  private static func mark(_ calibration: String, on benchHash: String, in database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO inForce (benchHash, calibration) VALUES (?, ?)",
      arguments: [benchHash, calibration])
  }

  private static func text(_ value: some Encodable) throws -> String {
    String(decoding: try RecordCoding.encode(value), as: UTF8.self)
  }

  private static func value<Value: Decodable>(_ text: String) throws -> Value {
    try RecordCoding.decode(Value.self, from: Data(text.utf8))
  }

  private static func records<Record: Decodable>(
    _ sql: String, _ arguments: StatementArguments, in database: Database
  ) throws -> [Record] {
    try String.fetchAll(database, sql: sql, arguments: arguments).map { try value($0) }
  }

  /// What the table holds; unlike `Row` it throws where a column is not what it should be.
  private struct JobRow: Decodable, FetchableRecord {
    var id: String
    var ended: Bool
    var summary: String
    var result: String?
  }

  private struct StampRow: Decodable, FetchableRecord {
    var id: String
    var stamp: String
  }

  private static func job(_ row: JobRow) -> IndexedJob {
    IndexedJob(id: row.id, hasEnded: row.ended, summary: row.summary, result: row.result)
  }

  // MARK: - Failures

  private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try translating { try database.read(body) }
  }

  private func write(_ body: (Database) throws -> Void) throws {
    try translating { try database.write(body) }
  }

  private func translating<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw RecordsError(error, file: path)
    } catch let error as DecodingError {
      throw RecordsError.damaged(file: path, reason: "a record in it cannot be read: \(error)")
    } catch let error as RowDecodingError {
      throw RecordsError.damaged(file: path, reason: "a record in it cannot be read: \(error)")
    }
  }
}

extension RecordsError {
  init(_ error: DatabaseError, file: String) {
    let reason = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_FULL: self = .full(file: file)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(file: file, reason: reason)
    default: self = .unwritable(file: file, reason: reason)
    }
  }
}
