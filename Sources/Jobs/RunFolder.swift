import BenchAPI
import Files
import Foundation
import ServiceCore

/// The directory of one run: the job's record, what it resumes from, and its artefacts.
struct RunFolder: Sendable {
  let url: URL

  /// What holds a ``JobRecord``.
  var record: StateFile {
    StateFile(path: url.appendingPathComponent("job.json").path, schema: 1, limit: 256 << 20)
  }

  /// What a job resumes from.
  ///
  /// - Parameter name: ``JobRoutine/checkpointFile``.
  func checkpoint(_ name: String) -> StateFile {
    StateFile(path: url.appendingPathComponent(name).path, schema: 1)
  }

  /// Writes a record; that of a job which has ended into both copies, so that none is left that says otherwise.
  func write(_ record: JobRecord) throws {
    let bytes = [UInt8](try APICoding.encode(record))
    if record.summary.state.isTerminal { try self.record.saveFinal(bytes) } else { try self.record.save(bytes) }
  }

  /// Removes what a job would resume from.
  func removeCheckpoint(_ name: String) {
    let file = checkpoint(name)
    unlink(file.path)
    unlink(file.previousPath)
  }
}
