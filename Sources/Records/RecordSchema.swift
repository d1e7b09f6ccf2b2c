import GRDB

/// The tables of the index. A new version of the schema is a new migration; those that exist never change.
enum RecordSchema {
  static let tables = ["job", "calibration", "inForce", "model"]

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.create(table: "job") { table in
        table.primaryKey("id", .text)
        table.column("number", .integer).notNull()
        table.column("summary", .text).notNull()
        table.column("result", .text)
      }
      try database.create(index: "jobByNumber", on: "job", columns: ["number", "id"])
      try database.create(table: "calibration") { table in
        table.primaryKey("id", .text)
        table.column("number", .integer).notNull()
        table.column("benchHash", .text).notNull()
        table.column("record", .text).notNull()
      }
      try database.create(index: "calibrationByBench", on: "calibration", columns: ["benchHash", "number"])
      try database.create(table: "inForce") { table in
        table.primaryKey("benchHash", .text)
        table.column("calibration", .text).notNull()
      }
      try database.create(table: "model") { table in
        table.primaryKey("id", .text)
        table.column("number", .integer).notNull()
        table.column("run", .text).notNull().indexed()
        table.column("record", .text).notNull()
      }
    }
    migrator.registerMigration("2") { database in
      try database.alter(table: "job") { table in
        table.add(column: "ended", .boolean).notNull().defaults(to: false)
        table.add(column: "stamp", .text)
      }
    }
    return migrator
  }

  /// Brings a database to this version.
  ///
  /// - Returns: whether it was empty.
  /// - Throws: ``RecordDamage`` when it is no index of this version or of one before.
  static func prepare(_ database: any DatabaseWriter) throws -> Bool {
    guard try !database.read(migrator.hasBeenSuperseded) else {
      throw RecordDamage(reason: "it was written by a newer version of odu")
    }
    let complaints = try database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(1)") }
    guard complaints == ["ok"] else {
      throw RecordDamage(reason: complaints.first ?? "its integrity cannot be checked")
    }
    let isEmpty = try definitions(database).isEmpty
    let isOwn = try !database.read(migrator.appliedIdentifiers).isEmpty
    if isEmpty || isOwn { try migrator.migrate(database) }
    guard try definitions(database) == definitions(empty()) else {
      throw RecordDamage(reason: "its tables are not those of odu")
    }
    // Begins a transaction for writing, which a file that can only be read refuses.
    try database.write { _ in }
    return isEmpty
  }

  /// An empty index in memory.
  static func empty() throws -> DatabaseQueue {
    let database = try DatabaseQueue()
    try migrator.migrate(database)
    return database
  }

  /// The tables and indexes, without GRDB's own.
  private static func definitions(_ database: any DatabaseReader) throws -> [String] {
    let sql = """
      SELECT name || ': ' || sql FROM sqlite_master
      WHERE sql IS NOT NULL AND name <> 'grdb_migrations' ORDER BY name
      """
    return try database.read { try String.fetchAll($0, sql: sql) }
  }
}

/// Why a file cannot be used as the index.
struct RecordDamage: Error {
  var reason: String
}
