import BenchTestKit
import Files
import Foundation
import GRDB
import Records
import Testing

/// What the index does with files and disks that cannot be used.
@Suite struct DamageTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("odu.sqlite")
  }

  private func fill(_ count: Int = 50) throws {
    let store = try RecordStore.open(path).store
    for number in 1...count { try store.upsert(Example.job(number)) }
    try store.close()
  }

  /// The store must say what was wrong, where the file is, and work.
  ///
  /// - Parameter content: what must have been moved; nil for databases, whose header opening may change.
  private func expectMovedAside(_ reason: String, number: Int = 1, content: [UInt8]? = nil) throws {
    let opening = try RecordStore.open(path)
    #expect(opening.isNew && opening.refusal == nil)
    let damage = try #require(opening.damage)
    #expect(damage.contains(reason) && damage.contains("odu.sqlite.damaged-\(number)"), "\(damage)")
    if let content { #expect(try AtomicFile.read(path + ".damaged-\(number)") == content) }
    #expect(try opening.store.page(limit: 9).isEmpty)
    try opening.store.upsert(Example.job(1))
    try opening.store.close()
    let again = try RecordStore.open(path)
    #expect(try again.damage == nil && !again.isNew && again.store.page(limit: 9).count == 1)
    try again.store.close()
  }

  @Test("a file that is no database is moved aside, and the next one beside it")
  func foreign() throws {
    for number in 1...3 {
      let content = Array(repeating: UInt8(number), count: 5000)
      try AtomicFile.write(content, to: path)
      try expectMovedAside("not a database", number: number, content: content)
    }
  }

  @Test("a database that was cut is moved aside")
  func cut() throws {
    try fill()
    let bytes = try AtomicFile.read(path)
    try AtomicFile.write(Array(bytes.prefix(bytes.count / 2)), to: path)
    try expectMovedAside("malformed")
  }

  @Test("a database with a broken page is moved aside or whole, and never crashes", arguments: 0..<24)
  func broken(place: Int) throws {
    try fill()
    var bytes = try AtomicFile.read(path)
    let start = bytes.count * place / 24
    for index in start..<min(start + 64, bytes.count) { bytes[index] ^= 0xFF }
    try AtomicFile.write(bytes, to: path)
    let opening = try RecordStore.open(path)
    #expect(opening.refusal == nil && (opening.damage != nil) == opening.isNew)
    // A change inside a text is no damage to SQLite: the index may then say of a record that it cannot be read.
    do {
      #expect(try opening.store.page(limit: 99).count == (opening.isNew ? 0 : 50))
    } catch let error as RecordsError {
      guard case .damaged = error else { throw error }
    }
    try opening.store.upsert(Example.job(99))
  }

  @Test("the index of a newer version is moved aside instead of being changed")
  func future() throws {
    try fill()
    let database = try DatabaseQueue(path: path)
    try database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('2999')") }
    try database.close()
    try expectMovedAside("newer version")
  }

  @Test(
    "a database with other tables is moved aside",
    arguments: ["CREATE TABLE job (x)", "CREATE TABLE letters (x)"])
  func otherTables(sql: String) throws {
    let database = try DatabaseQueue(path: path)
    try database.write { try $0.execute(sql: sql) }
    try database.close()
    try expectMovedAside("tables are not those")
    let moved = try DatabaseQueue(path: path + ".damaged-1")
    #expect(try moved.read { try String.fetchAll($0, sql: "SELECT sql FROM sqlite_master") } == [sql])
  }

  @Test("a table that is missing is found when the store is opened, not when it is used")
  func missingTable() throws {
    try fill()
    let database = try DatabaseQueue(path: path)
    try database.write { try $0.execute(sql: "DROP TABLE model") }
    try database.close()
    try expectMovedAside("tables are not those")
  }

  @Test("a folder in the place of the file is moved aside")
  func folderInPlace() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try expectMovedAside("not a regular file")
  }

  @Test("the log of a damaged database goes aside with it and does not come into the new one")
  func orphanedLog() throws {
    try fill()
    let store = try RecordStore.open(path).store
    try store.upsert(Example.job(25))
    // As after a kill: a change is in the log and not in the file yet.
    let log = try AtomicFile.read(path + "-wal")
    #expect(!log.isEmpty)
    try store.close()
    try AtomicFile.write(log, to: path + "-wal")
    try AtomicFile.write(Array(repeating: 7, count: 5000), to: path)
    let opening = try RecordStore.open(path)
    #expect(opening.damage != nil && opening.isNew && opening.refusal == nil)
    #expect(try opening.store.page(limit: 99).isEmpty)
    #expect(try AtomicFile.read(path + ".damaged-1-wal") == log)
  }

  @Test("an empty file is a new index")
  func emptyFile() throws {
    try AtomicFile.write([], to: path)
    let opening = try RecordStore.open(path)
    #expect(opening.isNew && opening.damage == nil && opening.refusal == nil)
  }

  @Test(
    "where nothing can be written the index is kept in memory, with the reason",
    arguments: ["/proc/odu.sqlite", "/nowhere/odu.sqlite"])
  func unwritable(path: String) throws {
    let opening = try RecordStore.open(path)
    #expect(opening.isNew && opening.damage == nil)
    #expect(try #require(opening.refusal).contains("\(path): cannot be written"))
    try opening.store.upsert(Example.job(1))
    #expect(try opening.store.page(limit: 9).count == 1)
  }

  @Test("a store that somebody else holds is answered by a typed error, and nothing is half written")
  func held() throws {
    try fill()
    let store = try RecordStore.open(path).store
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    #expect {
      try store.rebuild(jobs: [], calibrations: [], inForce: [:], models: [])
    } throws: { error in
      if case RecordsError.unwritable = error { true } else { false }
    }
    #expect(try store.page(limit: 99).count == 50)
    try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
    try store.rebuild(jobs: [], calibrations: [], inForce: [:], models: [])
    #expect(try store.page(limit: 99).isEmpty)
  }
}
