import Files
import Foundation
import GRDB

extension RecordStore {
  /// An index that was opened.
  public struct Opening: Sendable {
    public let store: RecordStore
    /// What was wrong with the file that was there, and where it is now; nil when nothing was.
    public let damage: String?
    /// Why the index is kept in memory only and ends with the process; nil when it is kept in its file.
    public let refusal: String?
    /// Whether the index is empty and shall be made from the files, by
    /// ``RecordStore/rebuild(jobs:calibrations:inForce:models:)``.
    public let isNew: Bool
  }

  /// Opens the index, or makes it. A file that cannot be used is moved aside; where none can be written the index is kept in
  /// memory.
  ///
  /// - Parameter path: `<state>/odu.sqlite`; nil for an index in memory.
  /// - Throws: ``RecordsError`` when not even memory can be had.
  public static func open(_ path: String?) throws -> Opening {
    var damage: String?
    var refusal: String?
    if let path {
      do {
        do {
          let (store, isNew) = try usable(path)
          return Opening(store: store, damage: nil, refusal: nil, isNew: isNew)
        } catch let error as RecordDamage {
          damage = "\(path): \(error.reason); it is now \(try moveAside(path))"
          return Opening(store: try usable(path).store, damage: damage, refusal: nil, isNew: true)
        }
      } catch {
        refusal = (error as? RecordDamage)?.reason ?? "\(error)"
      }
    }
    do {
      let store = RecordStore(try RecordSchema.empty(), path: path ?? "the index in memory")
      return Opening(store: store, damage: damage, refusal: refusal, isNew: true)
    } catch let error as DatabaseError {
      throw RecordsError(error, file: "the index in memory")
    }
  }

  private static func usable(_ path: String) throws -> (store: RecordStore, isNew: Bool) {
    if AtomicFile.exists(path), !isRegularFile(path) { throw RecordDamage(reason: "it is not a regular file") }
    var configuration = Configuration()
    configuration.label = "odu.records"
    // Somebody who copies the database may hold it for a moment.
    configuration.busyMode = .timeout(2)
    do {
      let database = try DatabasePool(path: path, configuration: configuration)
      do {
        return (RecordStore(database, path: path), try RecordSchema.prepare(database))
      } catch {
        try? database.close()
        throw error
      }
    } catch let error as DatabaseError {
      switch error.resultCode {
      // SQLITE_ERROR is what tables give that are not those of the index.
      case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR:
        throw RecordDamage(reason: error.message ?? "\(error.resultCode)")
      default: throw RecordsError(error, file: path)
      }
    }
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Renames the database, with its log, to a name that is free.
  private static func moveAside(_ path: String) throws -> String {
    var number = 1
    while AtomicFile.exists("\(path).damaged-\(number)") { number += 1 }
    let aside = "\(path).damaged-\(number)"
    // The log goes first: without its file it would be taken for that of the new one.
    for suffix in ["-wal", "-shm", ""] where AtomicFile.exists(path + suffix) {
      guard rename(path + suffix, aside + suffix) == 0 else {
        throw FilesError.unwritable(file: aside + suffix, reason: String(cString: strerror(errno)))
      }
    }
    return aside
  }
}
