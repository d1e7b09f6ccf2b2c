import BenchAPI
import Files
import Foundation
import Logging
import Records

/// The run directories: one folder for each job with its `job.json` and its artefacts.
struct JobStore: Sendable {
  let folder: URL
  let index: RecordIndex
  let capacity: Int
  let clock: ServiceClock
  let logger: Logger

  /// Makes the folder of a new job.
  func create(_ summary: JobSummary) throws -> Job {
    let directory = folder.appendingPathComponent(summary.id, isDirectory: true)
    do {
      try AtomicFile.makeFolder(directory.path)
    } catch {
      throw ServiceError.full("the job cannot be kept: \(error)")
    }
    return Job(summary: summary, directory: directory, capacity: capacity, clock: clock)
  }

  /// Writes the first record of a job, without which the next daemon would know nothing of it.
  ///
  /// - Throws: ``ServiceError/full(_:)``; the job's folder is then gone.
  func register(_ job: Job) throws {
    do {
      try file(in: job.directory).save([UInt8](APICoding.encode(job.record)))
    } catch {
      try? FileManager.default.removeItem(at: job.directory)
      throw ServiceError.full("the job cannot be kept: \(error)")
    }
    index.save(job.record)
  }

  /// Writes a job's record. A full disk does not stop the job: that is logged, and the previous record stays.
  func save(_ job: Job) { save(job.record) }

  func save(_ record: JobRecord) {
    index.save(record)
    do {
      let directory = folder.appendingPathComponent(record.summary.id, isDirectory: true)
      try file(in: directory).save([UInt8](APICoding.encode(record)))
    } catch {
      logger.error("job \(record.summary.id): its record was not saved: \(error)")
    }
  }

  /// A job with its parameters as they were given, of which the job itself may remember less.
  func summary(of job: Job) -> JobSummary {
    guard job.isAbridged, let loaded = try? file(in: job.directory).load(),
      let head = try? APICoding.decode(JobHead.self, from: Data(loaded.bytes))
    else { return job.summary }
    return head.summary
  }

  /// The latest jobs of earlier daemons, oldest first, and all that have not ended. These are queued again; a record that
  /// cannot be read is left alone.
  func load(limit: Int, heads: [JobHead]) throws -> [Job] {
    let names = try names()
    let recent = Set(names.suffix(limit)).union(heads.filter { !$0.summary.state.isTerminal }.map(\.summary.id))
    return names.filter(recent.contains).compactMap { name in
      let directory = folder.appendingPathComponent(name, isDirectory: true)
      do {
        let loaded = try file(in: directory).load()
        if let damage = loaded.damage {
          logger.warning("run \(name): the record before the last one is used: \(damage)")
        }
        let record = try APICoding.decode(JobRecord.self, from: Data(loaded.bytes))
        let job = Job(record: record, directory: directory, capacity: capacity, clock: clock)
        if !record.summary.state.isTerminal, !job.isHeld { takeUp(job) }
        return job
      } catch {
        logger.warning("run \(name): its record cannot be read: \(error)")
        return nil
      }
    }
  }

  /// What the index needs of all jobs, oldest first, as far as it can be read.
  func heads() throws -> [JobHead] {
    try names().compactMap { name in
      let loaded = try? file(in: folder.appendingPathComponent(name, isDirectory: true)).load()
      return loaded.flatMap { try? APICoding.decode(JobHead.self, from: Data($0.bytes)) }
    }
  }

  /// Has a job go on that its daemon left behind, unless it may be what ends the daemons.
  private func takeUp(_ job: Job) {
    removeRemnants(of: job)
    let wasRunning = job.summary.state != .queued
    let setbacks = wasRunning ? job.countSetback(checkpoint: checkpoint(of: job)) : 0
    if setbacks > Self.setbackLimit {
      job.enter(
        .failed, message: "odud ended \(setbacks) times under this job before it had got on; its log may say why")
    } else if wasRunning {
      job.enter(.queued, message: "odud ended; the job goes on where it was saved")
    }
    save(job)
  }

  /// Removes the files that a daemon was writing when it was killed.
  private func removeRemnants(of job: Job) {
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: job.directory.path)) ?? []
    where name.hasPrefix(".") && name.hasSuffix(".tmp") {
      try? manager.removeItem(at: job.directory.appendingPathComponent(name))
    }
  }

  /// Removes what a job that has ended would go on from.
  func removeCheckpoint(of job: Job) {
    let file = StateFile(path: job.directory.appendingPathComponent(TrainJob.checkpointName).path, schema: 1)
    unlink(file.path)
    unlink(file.previousPath)
  }

  /// Something that changes with every checkpoint of a job; nil when there is none.
  private func checkpoint(of job: Job) -> String? {
    var status = stat()
    guard stat(job.directory.appendingPathComponent(TrainJob.checkpointName).path, &status) == 0 else { return nil }
    return "\(status.st_ino) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
  }

  /// How often a daemon may end under a job without any progress in between.
  private static let setbackLimit = 20

  /// The number of the next job; above ``RunningNumber/highest`` when there is none left.
  func nextNumber() throws -> Int { RunningNumber.next(after: try names()) }

  /// `0017-train`.
  ///
  /// - Throws: ``ServiceError/full(_:)`` when the numbers are used up.
  static func identifier(number: Int, kind: String) throws -> String {
    guard number <= RunningNumber.highest else {
      throw ServiceError.full("a folder in runs begins with the highest number that a job can have; move it away")
    }
    return "\(RunningNumber.text(number))-\(kind)"
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { Self.number($0) != nil }
      .sorted { (Self.number($0) ?? 0) < (Self.number($1) ?? 0) }
  }

  private static func number(_ name: String) -> Int? {
    name.split(separator: "-").first.flatMap { $0.allSatisfy(\.isNumber) ? RunningNumber.of(String($0)) : nil }
  }

  private func file(in directory: URL) -> StateFile {
    StateFile(path: directory.appendingPathComponent("job.json").path, schema: 1)
  }
}
