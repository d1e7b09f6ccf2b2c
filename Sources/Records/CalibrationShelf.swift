import BenchAPI
import Files
import Foundation
import Locks

/// The calibrations of a state folder: one file for each, which is never changed, and a mark for each bench that says
/// which is in force there. The database can be made anew from them.
public final class CalibrationShelf: Sendable {
  /// What is on the shelf.
  public struct Contents: Sendable, Equatable {
    /// Newest first.
    public var records: [CalibrationRecord]
    /// The calibration in force, by bench hash.
    public var inForce: [String: String]
    /// What could not be read, and why; the rest is not concerned.
    public var problems: [String]
  }

  private let folder: String
  private let lock = Locked(())

  /// - Parameter folder: `<state>/calibrations`; made when the first calibration is saved.
  public init(folder: String) { self.folder = folder }

  /// All calibrations, as far as they can be read.
  public func contents() -> Contents { lock.withLock { _ in read() } }

  /// The calibration in force on a bench; the newest when nothing is marked. Nil when the bench was never calibrated.
  public func inForce(benchHash: String) -> CalibrationRecord? {
    let contents = contents()
    let own = contents.records.filter { $0.benchHash == benchHash }
    return own.first { $0.id == contents.inForce[benchHash] } ?? own.first
  }

  /// What was saved with a calibration.
  public func content<Content: Decodable>(of id: String, as type: Content.Type = Content.self) throws -> Content {
    let file = try file(of: id)
    guard file.exists else { throw absent(id) }
    return try APICoding.decode(Entry<Content>.self, from: Data(file.load().bytes)).content
  }

  /// A name for the next calibration: `0001`, `0002`, …
  public func nextIdentifier() throws -> String {
    let number = RunningNumber.next(after: try names())
    guard number <= RunningNumber.highest else { throw RecordsError.numbersUsedUp(folder: folder) }
    return RunningNumber.text(number)
  }

  /// Puts a calibration on the shelf and in force on its bench.
  ///
  /// - Parameter content: what the program needs to use it.
  /// - Throws: ``RecordsError`` or `FilesError`; what was in force then stays so.
  public func save(_ record: CalibrationRecord, content: some Codable) throws {
    try lock.withLock { _ in
      let file = try file(of: record.id)
      guard !file.exists else { throw RecordsError.exists(calibration: record.id) }
      try AtomicFile.makeFolder(folder)
      try file.save([UInt8](APICoding.encode(Entry(record: record, content: content))))
      do {
        try mark(record)
      } catch {
        unlink(file.path)
        throw error
      }
    }
  }

  /// Puts an earlier calibration in force on its bench.
  ///
  /// - Throws: ``RecordsError/absent(calibration:known:)``, `FilesError`.
  public func restore(_ id: String) throws {
    try lock.withLock { _ in
      guard let record = read().records.first(where: { $0.id == id }) else { throw absent(id) }
      try mark(record)
    }
  }

  // MARK: - Files

  private static let suffix = ".state"

  /// The calibration in force, by bench hash.
  private var marks: StateFile { StateFile(path: folder + "/in-force.marks", schema: 1) }

  private func mark(_ record: CalibrationRecord) throws {
    // Marks that cannot be read are made anew, from what holds without them.
    let present = read()
    var inForce = present.inForce
    inForce[record.benchHash] = record.id
    try marks.save([UInt8](APICoding.encode(inForce)))
  }

  private func read() -> Contents {
    var contents = Contents(records: [], inForce: [:], problems: [])
    do {
      for name in try names() { read(name, into: &contents) }
    } catch {
      contents.problems.append("\(error)")
    }
    contents.records.sort { (RunningNumber.of($0.id) ?? 0, $0.id) > (RunningNumber.of($1.id) ?? 0, $1.id) }
    do {
      if marks.exists {
        let loaded = try marks.load()
        contents.inForce = try APICoding.decode([String: String].self, from: Data(loaded.bytes))
        if let damage = loaded.damage {
          contents.problems.append("the marks before the last change are used: \(damage)")
        }
      }
    } catch {
      contents.problems.append("which calibration is in force cannot be read, the newest is taken: \(error)")
    }
    return contents
  }

  private func read(_ name: String, into contents: inout Contents) {
    do {
      let bytes = try file(of: name).load().bytes
      var record = try APICoding.decode(Entry<Ignored>.self, from: Data(bytes)).record
      record.id = name
      contents.records.append(record)
    } catch {
      contents.problems.append("calibration \(name): \(error)")
    }
  }

  /// The calibrations whose files there are.
  private func names() throws -> [String] {
    guard AtomicFile.exists(folder) else { return [] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw FilesError.unreadable(file: folder, reason: error.localizedDescription)
    }
    let states = names.filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
    return states.map { String($0.dropLast(Self.suffix.count)) }
  }

  private func file(of id: String) throws -> StateFile {
    let isPlain = id.utf8.allSatisfy { byte in
      let character = Character(UnicodeScalar(byte))
      return character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }
    guard (1...100).contains(id.utf8.count), isPlain else { throw RecordsError.name(id) }
    return StateFile(path: "\(folder)/\(id)\(Self.suffix)", schema: 1)
  }

  private func absent(_ id: String) -> RecordsError { .absent(calibration: id, known: ((try? names()) ?? []).sorted()) }
}

/// The content of a calibration's file.
private struct Entry<Content> {
  var record: CalibrationRecord
  var content: Content
}

extension Entry: Encodable where Content: Encodable {}
extension Entry: Decodable where Content: Decodable {}

/// Reads anything and keeps nothing of it.
private struct Ignored: Decodable {
  init(from decoder: any Decoder) {}
}
