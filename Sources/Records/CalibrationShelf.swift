import Concurrency
import Files
import Foundation

/// The calibrations of a state folder: one file for each, which is never changed, and a mark for each bench that says
/// which is in force there. The database can be rebuilt from them.
///
/// A calibration is prepared before its job ends and published when the job has succeeded. All that needs room on the disk is
/// written by the former; the latter is a rename. So a calibration is in force exactly when its job has succeeded, also
/// after a kill between any two writes.
public final class CalibrationShelf: Sendable {
  /// What is on the shelf.
  public struct Contents: Sendable, Equatable {
    /// Newest first.
    public var records: [CalibrationRecord]
    /// The calibration in force, by ``CalibrationRecord/slot``.
    public var inForce: [String: String]
    /// What could not be read, and why; the rest is not concerned.
    public var problems: [String]
  }

  private let folder: String
  private let numbers: NumberCounter?
  private let marks: CalibrationMarks
  /// Whoever holds this changes the shelf alone, for as long as the disk takes. Who only looks needs no lock: files are replaced
  /// whole, in an order in which the shelf is right after every single one.
  private let changing = Locked(false)
  /// What was read of each file.
  private let known = Locked([String: (stamp: FileStamp, reading: Reading)]())

  /// - Parameters:
  ///   - folder: `<state>/calibrations`; made when the first calibration is prepared.
  ///   - numbers: remembers the numbers that were given; without it they follow the files.
  public init(folder: String, numbers: NumberCounter? = nil) {
    self.folder = folder
    self.numbers = numbers
    marks = CalibrationMarks(folder: folder)
  }

  // MARK: - Looking

  /// All calibrations, as far as they can be read. Files that have not changed are not read again.
  public func contents() -> Contents {
    let (found, problems) = records()
    var contents = Contents(records: found, inForce: [:], problems: problems)
    do {
      contents.inForce = try inForce()
    } catch {
      contents.problems.append(Self.unknownMarks(error))
    }
    return contents
  }

  /// The calibrations that can be read, newest first, and why others cannot.
  func records() -> (found: [CalibrationRecord], problems: [String]) {
    var (found, problems): ([CalibrationRecord], [String]) = ([], [])
    do {
      let names = try names()
      known.withLock { known in
        for name in Set(known.keys).subtracting(names) { known[name] = nil }
      }
      for name in names {
        switch read(name) {
        case .success(let record): found.append(record)
        case .failure(let problem): problems.append("calibration \(name): \(problem.reason)")
        }
      }
    } catch {
      problems.append("\(error)")
    }
    found.sort { (RunningNumber.of($0.id) ?? 0, $0.id) > (RunningNumber.of($1.id) ?? 0, $1.id) }
    return (found, problems)
  }

  /// What is wrong with the calibrations in force, one sentence each. No other files are read.
  public var problemsInForce: [String] {
    do {
      return try inForce().values.sorted().compactMap { name in
        guard case .failure(let problem) = read(name) else { return nil }
        return "calibration \(name): \(problem.reason)"
      }
    } catch {
      return [Self.unknownMarks(error)]
    }
  }

  /// The calibrations in force on a bench, one of each of these kinds at most, in the order of the kinds. What a calibration says of
  /// no device is valid for all.
  ///
  /// - Throws: as ``inForce(benchHash:)``.
  public func inForce(on bench: BenchIdentity, kinds: [String]) throws -> [CalibrationRecord] {
    var glance = ShelfGlance(at: self)
    return try kinds.compactMap { try glance.inForce(on: bench, kind: $0) }
  }

  /// The calibration of one kind that is in force on a bench; nil when the bench was never calibrated so.
  ///
  /// - Throws: as ``inForce(benchHash:)``.
  public func inForce(on bench: BenchIdentity, kind: String = CalibrationRecord.twinKind) throws -> CalibrationRecord? {
    try inForce(on: bench, kinds: [kind]).first
  }

  /// The calibration in force in a slot, which is the bench's hash for a twin; the newest when nothing was ever marked. Nil when the
  /// bench was never calibrated.
  ///
  /// - Throws: ``RecordsError/lost(calibration:reason:)`` when it cannot be read, or nobody knows which it was. An older one
  ///   never takes its place.
  public func inForce(benchHash: String) throws -> CalibrationRecord? {
    var glance = ShelfGlance(at: self)
    return try glance.inForce(in: benchHash)
  }

  func loadMarks() throws -> [String: [String]] { try marks.load() }

  /// - Throws: ``RecordsError/lost(calibration:reason:)``.
  func record(named name: String) throws -> CalibrationRecord {
    switch read(name) {
    case .success(let record): return record
    case .failure(let problem): throw RecordsError.lost(calibration: name, reason: problem.reason)
    }
  }

  /// What was saved with a calibration.
  ///
  /// - Throws: ``RecordsError``, `FilesError`.
  public func content<Content: Decodable>(of id: String, as type: Content.Type = Content.self) throws -> Content {
    let file = try file(of: id)
    guard file.exists else { throw absent(id) }
    let bytes = try file.load().bytes
    do {
      return try RecordCoding.decode(Entry<Content>.self, from: Data(bytes)).content
    } catch {
      throw RecordsError.lost(calibration: id, reason: "its file is whole and holds no parameters of this version")
    }
  }

  // MARK: - Changing

  /// Keeps a calibration of a run that has not ended. It is on the shelf and in force once it is published.
  ///
  /// - Parameters:
  ///   - record: its name does not count.
  ///   - content: what the program needs to use it.
  ///   - part: tells several calibrations of one run apart, from 0.
  /// - Returns: the name that it will have, a running number.
  /// - Throws: ``RecordsError`` or `FilesError`; what is in force then stays so.
  @discardableResult
  public func prepare(_ record: CalibrationRecord, content: some Codable, part: Int = 0) throws -> String {
    try changing.withLock { _ in
      var record = record
      record.id = try nextIdentifier()
      try keep(record, content, part: part)
      return record.id
    }
  }

  /// Puts the calibrations that a run prepared on the shelf and in force on their bench, in the order of their parts; nothing when
  /// there is none.
  @discardableResult
  public func publish(run: String) throws -> [CalibrationRecord] {
    try changing.withLock { _ in try parts(of: run).compactMap { try publish(part: $0, of: run) } }
  }

  private func publish(part: Int, of run: String) throws -> CalibrationRecord? {
    let prepared = try prepared(run, part)
    guard AtomicFile.exists(prepared.path) else { return nil }
    let record = try RecordCoding.decode(Entry<Ignored>.self, from: Data(prepared.load().bytes)).record
    let target = try file(of: record.id)
    for (from, to) in [(prepared.previousPath, target.previousPath), (prepared.path, target.path)]
    where AtomicFile.exists(from) {
      try AtomicFile.move(from, to: to)
    }
    // The mark that it has already says the same, until somebody removes the file.
    if var present = try? marks.load() {
      present[record.slot] = [record.id]
      try? marks.save(present)
    }
    return record
  }

  /// Forgets what a run prepared.
  public func discard(run: String) {
    changing.withLock { _ in
      for part in parts(of: run) {
        guard let prepared = try? prepared(run, part) else { continue }
        for path in [prepared.path, prepared.previousPath] { unlink(path) }
      }
    }
  }

  /// The runs that have prepared a calibration.
  public var preparedRuns: [String] { Array(Set(preparedParts.map(\.run))).sorted() }

  private var preparedParts: [(run: String, part: Int)] {
    AtomicFile.names(in: folder).filter { $0.hasSuffix(Self.preparedSuffix) && !$0.hasPrefix(".") }.map { name in
      let stem = String(name.dropLast(Self.preparedSuffix.count))
      guard let match = stem.wholeMatch(of: /(.+)_([0-9]{1,3})/), let part = Int(match.2) else { return (stem, 0) }
      return (String(match.1), part)
    }
  }

  /// The calibrations that a run prepared; the first one may be there with its second copy only.
  private func parts(of run: String) -> [Int] {
    Set(preparedParts.filter { $0.run == run }.map(\.part) + [0]).sorted()
  }

  /// What a run has prepared first; nil when there is nothing that can be read.
  public func prepared(by run: String) -> CalibrationRecord? {
    guard let file = try? prepared(run, 0), AtomicFile.exists(file.path), let bytes = try? file.load().bytes else {
      return nil
    }
    return try? RecordCoding.decode(Entry<Ignored>.self, from: Data(bytes)).record
  }

  /// Puts a calibration on the shelf and in force at once, under its own name.
  ///
  /// - Throws: ``RecordsError`` or `FilesError`; what was in force then stays so.
  public func save(_ record: CalibrationRecord, content: some Codable) throws {
    try changing.withLock { _ in
      guard try !file(of: record.id).exists else { throw RecordsError.exists(calibration: record.id) }
      try keep(record, content, part: 0)
    }
    try publish(run: record.run)
  }

  /// Puts an earlier calibration in force on its bench. A newer one of all parameters that would outweigh it, and newer ones that build
  /// on what it replaces, are no longer in force then.
  ///
  /// - Parameter bench: the bench with its present devices; without it, that of the calibration.
  /// - Returns: what was taken out of force.
  /// - Throws: ``RecordsError/absent(calibration:known:)``, `FilesError`.
  @discardableResult
  public func restore(_ id: String, on bench: BenchIdentity? = nil) throws -> [CalibrationRecord] {
    try changing.withLock { _ in
      var glance = ShelfGlance(at: self)
      guard let record = glance.records.first(where: { $0.id == id }) else { throw absent(id) }
      let bench = bench.flatMap { $0.serials != nil && $0.accepts(record) ? $0 : nil } ?? record.bench
      // Where nobody knows what was in force, there is nothing to retire.
      let retired = (try? glance.retired(by: record, on: bench)) ?? []
      var changes = Dictionary(
        retired.map { (bench.slot($0.kind ?? CalibrationRecord.twinKind), [CalibrationMarks.retired]) },
        uniquingKeysWith: { first, _ in first })
      changes[bench.slot(record.kind ?? CalibrationRecord.twinKind)] = [id]
      try mark(changes)
      return retired
    }
  }

  // MARK: - Files

  private typealias Reading = Result<CalibrationRecord, Problem>

  private struct Problem: Error {
    var reason: String
  }

  private static let suffix = ".state"
  private static let preparedSuffix = ".prepared"

  /// A name for the next calibration: `0001`, `0002`, …
  ///
  /// - Throws: ``RecordsError/numbersUsedUp(folder:)`` too.
  public func nextIdentifier() throws -> String {
    let next = RunningNumber.next(after: try names())
    guard next <= RunningNumber.highest else { throw RecordsError.numbersUsedUp(folder: folder) }
    guard let numbers else { return RunningNumber.text(next) }
    numbers.note(next - 1, of: \.calibration)
    return RunningNumber.text(try numbers.next(\.calibration))
  }

  private func keep(_ record: CalibrationRecord, _ content: some Codable, part: Int) throws {
    let prepared = try prepared(record.run, part)
    try AtomicFile.makeFolder(folder)
    try prepared.saveFinal([UInt8](RecordCoding.encode(Entry(record: record, content: content))))
    do {
      try mark([record.slot: [record.id, before(record.slot)]])
    } catch {
      for path in [prepared.path, prepared.previousPath] { unlink(path) }
      throw error
    }
  }

  /// What stands behind a calibration that is prepared.
  private func before(_ benchHash: String) -> String {
    do {
      if let present = try marked(benchHash, in: marks.load()) { return present }
      return contents().records.first { $0.slot == benchHash }?.id ?? CalibrationMarks.none
    } catch {
      return CalibrationMarks.unknown
    }
  }

  /// - Parameter changes: what is marked anew, by slot.
  private func mark(_ changes: [String: [String]]) throws {
    var all: [String: [String]]
    do {
      all = try marks.load()
    } catch {
      // Of the other benches nobody knows any more which of their calibrations was in force.
      let others = contents().records.map { ($0.slot, [CalibrationMarks.unknown]) }
      all = Dictionary(others, uniquingKeysWith: { first, _ in first })
    }
    all.merge(changes) { _, new in new }
    try marks.save(all)
  }

  /// The first marked calibration that is on the shelf, or the last when none is; nil when nothing is marked.
  func marked(_ benchHash: String, in marks: [String: [String]]) throws -> String? {
    guard let names = marks[benchHash] else { return nil }
    return names.first { name in (try? file(of: name)).map { AtomicFile.exists($0.path) } ?? false } ?? names.last
  }

  /// The calibrations in force as far as they are known, by bench hash.
  private func inForce() throws -> [String: String] {
    let marks = try marks.load()
    var names: [String: String] = [:]
    for bench in marks.keys { names[bench] = try marked(bench, in: marks) }
    return names.filter { !CalibrationMarks.noNames.contains($0.value) }
  }

  private static func unknownMarks(_ error: any Error) -> String {
    "which calibration is in force cannot be read, put one in force again: \(error)"
  }

  private func read(_ name: String) -> Reading {
    let path = "\(folder)/\(name)\(Self.suffix)"
    let stamp = FileStamp(of: path)
    if let stamp, let present = known.withLock({ $0[name] }), present.stamp == stamp { return present.reading }
    let reading: Reading
    do {
      let bytes = try file(of: name).load().bytes
      var record = try RecordCoding.decode(Entry<Ignored>.self, from: Data(bytes)).record
      record.id = name
      reading = .success(record)
    } catch {
      reading = .failure(Problem(reason: "\(error)"))
    }
    known.withLock { $0[name] = stamp.map { ($0, reading) } }
    return reading
  }

  /// The calibrations whose files there are.
  private func names() throws -> [String] {
    guard AtomicFile.exists(folder) else { return [] }
    guard AtomicFile.isFolder(folder), access(folder, R_OK | X_OK) == 0 else {
      throw FilesError.unreadable(file: folder, reason: "it is not a readable folder")
    }
    let states = AtomicFile.names(in: folder).filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
    return states.map { String($0.dropLast(Self.suffix.count)) }
  }

  private func file(of id: String) throws -> StateFile { try named(id, Self.suffix) }

  private func prepared(_ run: String, _ part: Int) throws -> StateFile {
    try named(part == 0 ? run : "\(run)_\(part)", Self.preparedSuffix)
  }

  private func named(_ id: String, _ suffix: String) throws -> StateFile {
    let isPlain = id.utf8.allSatisfy { byte in
      let character = Character(UnicodeScalar(byte))
      return character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }
    guard (1...100).contains(id.utf8.count), isPlain else { throw RecordsError.name(id) }
    return StateFile(path: "\(folder)/\(id)\(suffix)", schema: 1, limit: 16 << 20)
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
