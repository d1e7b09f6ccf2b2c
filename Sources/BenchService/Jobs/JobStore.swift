import BenchAPI
import Files
import Foundation
import Logging

/// The run directories: one folder for each job with its `job.json` and its artefacts.
struct JobStore: Sendable {
  let folder: URL
  let capacity: Int
  let clock: ServiceClock
  let logger: Logger

  /// Makes the folder of a new job.
  func create(_ summary: JobSummary) throws -> Job {
    let directory = folder.appendingPathComponent(summary.id, isDirectory: true)
    try AtomicFile.makeFolder(directory.path)
    return Job(summary: summary, directory: directory, capacity: capacity, clock: clock)
  }

  /// Writes a job's record. A full disk does not stop the job: that is logged, and the previous record stays.
  func save(_ job: Job) {
    do {
      try file(in: job.directory).save([UInt8](APICoding.encode(job.record)))
    } catch {
      logger.error("job \(job.id): its record was not saved: \(error)")
    }
  }

  /// The latest jobs of earlier daemons, oldest first. Those that had not ended count as failed; a record that cannot be
  /// read is left alone.
  func load(limit: Int) throws -> [Job] {
    try names().suffix(limit).compactMap { name in
      let directory = folder.appendingPathComponent(name, isDirectory: true)
      do {
        let bytes = try file(in: directory).load().bytes
        let record = try APICoding.decode(JobRecord.self, from: Data(bytes))
        let job = Job(record: record, directory: directory, capacity: capacity, clock: clock)
        if !record.summary.state.isTerminal {
          job.enter(.failed, message: "odud ended before the job did")
          save(job)
        }
        return job
      } catch {
        logger.warning("run \(name): its record cannot be read: \(error)")
        return nil
      }
    }
  }

  /// The number of the next job.
  func nextNumber() throws -> Int { (try names().last.flatMap(Self.number) ?? 0) + 1 }

  /// `0017-train`.
  static func identifier(number: Int, kind: String) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-" + kind
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { Self.number($0) != nil }
      .sorted { (Self.number($0) ?? 0) < (Self.number($1) ?? 0) }
  }

  private static func number(_ name: String) -> Int? {
    name.split(separator: "-").first.flatMap { Int($0) }.flatMap { $0 < Int.max ? $0 : nil }
  }

  private func file(in directory: URL) -> StateFile {
    StateFile(path: directory.appendingPathComponent("job.json").path, schema: 1)
  }
}
