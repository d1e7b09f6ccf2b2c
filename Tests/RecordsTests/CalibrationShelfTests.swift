import BenchTestKit
import Files
import Foundation
import Records
import Testing

@Suite struct CalibrationShelfTests {
  private let folder: TemporaryFolder
  private let shelf: CalibrationShelf

  init() throws {
    folder = try TemporaryFolder()
    shelf = CalibrationShelf(folder: folder.file("calibrations"))
  }

  private func file(_ name: String) -> String { folder.file("calibrations/\(name)") }

  @Test("the newest calibration is in force on its own bench only, and its content is what was saved")
  func inForce() throws {
    #expect(try shelf.inForce(benchHash: "a") == nil && shelf.contents().records.isEmpty)
    for (bench, content) in [("a", [1.5]), ("a", [2.0]), ("b", [-Double.infinity])] {
      let record = Example.calibration("", bench: bench)
      try shelf.prepare(record, content: content)
      _ = try shelf.publish(run: record.run)
    }
    #expect(shelf.contents().records.map(\.id) == ["0003", "0002", "0001"])
    #expect(try shelf.inForce(benchHash: "a") == Example.calibration("0002", bench: "a"))
    #expect(try shelf.inForce(benchHash: "b")?.id == "0003")
    #expect(try shelf.inForce(benchHash: "c") == nil)
    #expect(try shelf.content(of: "0003", as: [Double].self) == [-.infinity])
    #expect(try shelf.content(of: "0001", as: [Double].self) == [1.5])
    #expect(shelf.contents().problems.isEmpty)
  }

  @Test(
    "a name with a number that odu never gave is not counted from",
    arguments: [
      ("9223372036854775807", "0008"), ("99999999999999999999999", "0008"), ("-1", "0008"), ("x", "0008"),
      ("1000000000000", "0008"), ("999999999998", "999999999999"), ("12x", "0013"),
    ])
  func strangeNames(name: String, next: String) throws {
    try shelf.save(Example.calibration("0007", bench: "a"), content: 1)
    try "x".write(toFile: file("\(name).state"), atomically: true, encoding: .utf8)
    #expect(try shelf.nextIdentifier() == next)
    #expect(shelf.contents().records.map(\.id) == ["0007"])
  }

  @Test("whoever looks does not wait for whoever changes the shelf", .timeLimit(.minutes(15)))
  func looking() async throws {
    try shelf.save(Example.calibration("0001", bench: "a"), content: 1)
    let slow = Slow()
    await withCheckedContinuation { done in
      Thread.detachNewThread { [shelf] in
        _ = try? shelf.prepare(Example.calibration("", bench: "a"), content: slow)
        done.resume()
      }
      slow.begun.wait()
      #expect(shelf.contents().records.map(\.id) == ["0001"] && shelf.problemsInForce.isEmpty)
      #expect((try? shelf.inForce(benchHash: "a"))?.id == "0001")
      slow.end.signal()
    }
    #expect(shelf.prepared(by: "0001-calibrate")?.id == "0002")
  }

  /// Takes as long to be written as a disk that has much to do.
  private struct Slow: Codable {
    let begun = DispatchSemaphore(value: 0)
    let end = DispatchSemaphore(value: 0)

    init() {}
    init(from decoder: any Decoder) {}

    func encode(to encoder: any Encoder) throws {
      begun.signal()
      end.wait()
      var container = encoder.singleValueContainer()
      try container.encode(1)
    }
  }

  @Test("the highest number has none after it")
  func lastNumber() throws {
    try shelf.save(Example.calibration("999999999999", bench: "a"), content: 1)
    #expect(throws: RecordsError.numbersUsedUp(folder: folder.file("calibrations"))) { try shelf.nextIdentifier() }
  }

  @Test("an earlier calibration comes back into force, also for the next life of the daemon, and no file changes")
  func restore() throws {
    for id in ["0001", "0002"] { try shelf.save(Example.calibration(id, bench: "a"), content: id) }
    let bytes = try ["0001", "0002"].map { try AtomicFile.read(file("\($0).state")) }
    try shelf.restore("0001")
    #expect(try CalibrationShelf(folder: folder.file("calibrations")).inForce(benchHash: "a")?.id == "0001")
    #expect(try ["0001", "0002"].map { try AtomicFile.read(file("\($0).state")) } == bytes)
    #expect(throws: RecordsError.absent(calibration: "0009", known: ["0001", "0002"])) { try shelf.restore("0009") }
    try shelf.save(Example.calibration("0003", bench: "a"), content: 0)
    #expect(try shelf.inForce(benchHash: "a")?.id == "0003")
  }

  @Test("no calibration is written over, and no name leads out of the folder")
  func names() throws {
    try shelf.save(Example.calibration("0001", bench: "a"), content: 1)
    #expect(throws: RecordsError.exists(calibration: "0001")) {
      try shelf.save(Example.calibration("0001", bench: "a"), content: 2)
    }
    #expect(try shelf.content(of: "0001", as: Int.self) == 1)
    for name in ["", "../0002", "a/b", ".x", "a b", "ä", String(repeating: "a", count: 101)] {
      #expect(throws: RecordsError.name(name)) {
        try shelf.save(Example.calibration(name, bench: "a"), content: 0)
      }
      #expect(throws: RecordsError.name(name)) { try shelf.content(of: name, as: Int.self) }
    }
    #expect(shelf.contents().records.count == 1)
  }

  private func damage(_ name: String) throws { try AtomicFile.write(Array("odu-state".utf8), to: file(name)) }

  @Test("damage of one copy of a calibration costs nothing")
  func damagedCopy() throws {
    for id in ["0001", "0002"] { try shelf.save(Example.calibration(id, bench: "a"), content: id) }
    try damage("0002.state")
    #expect(try shelf.inForce(benchHash: "a")?.id == "0002")
    #expect(try shelf.content(of: "0002", as: String.self) == "0002")
  }

  @Test(
    "a calibration in force that is damaged is told of, and no older one takes its place; other benches are not concerned"
  )
  func damagedFile() throws {
    for (id, bench) in [("0001", "a"), ("0002", "b"), ("0003", "a")] {
      try shelf.save(Example.calibration(id, bench: bench), content: id)
    }
    for name in ["0003.state", "0003.state.previous"] { try damage(name) }
    let contents = shelf.contents()
    #expect(contents.records.map(\.id) == ["0002", "0001"] && contents.problems.count == 1)
    #expect(contents.problems[0].contains("calibration 0003") && contents.problems[0].contains("0003.state"))
    let error = #expect(throws: RecordsError.self) { try shelf.inForce(benchHash: "a") }
    guard case .lost(calibration: "0003", _) = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(try shelf.inForce(benchHash: "b")?.id == "0002")
    #expect(try shelf.prepare(calibration(run: "0009-calibrate"), content: 1) == "0004")
    shelf.discard(run: "0009-calibrate")
    try FileManager.default.removeItem(atPath: file("0003.state"))
    #expect(throws: RecordsError.self) { try shelf.inForce(benchHash: "a") }
    try shelf.restore("0001")
    #expect(try shelf.inForce(benchHash: "a")?.id == "0001")
  }

  @Test(
    "when one copy of the marks is damaged the other says the same, and without any nothing is in force until somebody says so"
  )
  func damagedMarks() throws {
    for (id, bench) in [("0001", "a"), ("0002", "a"), ("0003", "b")] {
      try shelf.save(Example.calibration(id, bench: bench), content: id)
    }
    try shelf.restore("0002")
    try shelf.restore("0001")
    try AtomicFile.write([1, 2, 3], to: file("in-force.marks"))
    #expect(try shelf.inForce(benchHash: "a")?.id == "0001")
    try AtomicFile.write([1, 2, 3], to: file("in-force.marks.previous"))
    for bench in ["a", "b"] { #expect(throws: RecordsError.self) { try shelf.inForce(benchHash: bench) } }
    #expect(try shelf.inForce(benchHash: "c") == nil)
    #expect(shelf.contents().problems.count == 1 && shelf.contents().inForce.isEmpty)
    try shelf.restore("0002")
    #expect(try shelf.inForce(benchHash: "a")?.id == "0002" && shelf.contents().problems.isEmpty)
    #expect(throws: RecordsError.self) { try shelf.inForce(benchHash: "b") }
    try shelf.save(Example.calibration("0004", bench: "b"), content: 4)
    #expect(try shelf.inForce(benchHash: "b")?.id == "0004")
  }

  @Test("marks that an earlier version wrote hold")
  func oldMarks() throws {
    for id in ["0001", "0002"] { try shelf.save(Example.calibration(id, bench: "a"), content: id) }
    try StateFile(path: file("in-force.marks"), schema: 1).save(Array(#"{"a":"0001"}"#.utf8))
    #expect(try shelf.inForce(benchHash: "a")?.id == "0001")
  }

  /// A calibration of a run of its own.
  private func calibration(run: String) -> CalibrationRecord {
    var record = Example.calibration("", bench: "a")
    record.run = run
    return record
  }

  @Test(
    "a calibration that is prepared is neither listed nor in force until it is published, also with the next daemon")
  func prepared() throws {
    try shelf.save(Example.calibration("0001", bench: "a"), content: 1)
    #expect(try shelf.prepare(calibration(run: "0007-calibrate"), content: 2) == "0002")
    let next = CalibrationShelf(folder: folder.file("calibrations"))
    for shelf in [shelf, next] {
      #expect(try shelf.inForce(benchHash: "a")?.id == "0001" && shelf.contents().records.map(\.id) == ["0001"])
      #expect(shelf.contents().inForce == ["a": "0001"] && shelf.contents().problems.isEmpty)
    }
    #expect(next.preparedRuns == ["0007-calibrate"] && next.prepared(by: "0007-calibrate")?.id == "0002")
    #expect(try next.publish(run: "0007-calibrate").map(\.id) == ["0002"])
    #expect(try next.publish(run: "0007-calibrate").isEmpty && next.preparedRuns.isEmpty)
    #expect(try shelf.inForce(benchHash: "a")?.run == "0007-calibrate")
    #expect(try shelf.content(of: "0002", as: Int.self) == 2)
    #expect(
      AtomicFile.names(in: folder.file("calibrations")).sorted() == [
        "0001.state", "0001.state.previous", "0002.state", "0002.state.previous", "in-force.marks",
        "in-force.marks.previous",
      ])
  }

  @Test("a calibration whose job failed leaves nothing, and the first one of a bench nothing in force")
  func discarded() throws {
    _ = try shelf.prepare(calibration(run: "0007-calibrate"), content: 2)
    #expect(try shelf.inForce(benchHash: "a") == nil)
    shelf.discard(run: "0007-calibrate")
    #expect(try shelf.publish(run: "0007-calibrate").isEmpty && shelf.inForce(benchHash: "a") == nil)
    let contents = shelf.contents()
    #expect(contents.records.isEmpty && contents.inForce.isEmpty && contents.problems.isEmpty)
  }

  @Test(
    "whatever a kill leaves between two writes of a calibration, it is in force once it is published, once, and not before"
  )
  func killedBetweenWrites() throws {
    // The folder after each change that the file system sees, as a kill may leave it.
    try shelf.save(Example.calibration("0001", bench: "a"), content: 1)
    let place = folder.file("calibrations")
    func copy(_ name: String) throws -> CalibrationShelf {
      try FileManager.default.copyItem(atPath: place, toPath: folder.file(name))
      return CalibrationShelf(folder: folder.file(name))
    }
    _ = try shelf.prepare(calibration(run: "0007-calibrate"), content: 2)
    // Between the marks and the job's end, and between the two renames.
    for (name, moves) in [("none", 0), ("one", 1), ("both", 2)] {
      let shelf = try copy(name)
      let renames = [
        ("0007-calibrate.prepared.previous", "0002.state.previous"), ("0007-calibrate.prepared", "0002.state"),
      ]
      for (from, to) in renames.prefix(moves) {
        try FileManager.default.moveItem(atPath: folder.file("\(name)/\(from)"), toPath: folder.file("\(name)/\(to)"))
      }
      #expect(try shelf.inForce(benchHash: "a")?.id == (moves == 2 ? "0002" : "0001"), "\(name)")
      for run in shelf.preparedRuns { #expect(try !shelf.publish(run: run).isEmpty) }
      #expect(try shelf.inForce(benchHash: "a")?.id == "0002" && shelf.contents().records.count == 2, "\(name)")
      #expect(shelf.preparedRuns.isEmpty)
    }
  }

  @Test("numbers are not given again after the file that had one is gone, nor names too large to go on from")
  func numbers() throws {
    func next() throws -> CalibrationShelf {
      CalibrationShelf(folder: folder.file("calibrations"), numbers: NumberCounter(path: folder.file("numbers.state")))
    }
    #expect(try next().prepare(calibration(run: "0001-calibrate"), content: 1) == "0001")
    _ = try next().publish(run: "0001-calibrate")
    try FileManager.default.removeItem(atPath: file("0001.state"))
    #expect(try next().prepare(calibration(run: "0002-calibrate"), content: 1) == "0002")
    try AtomicFile.write([1], to: file("9223372036854775807.state"))
    try AtomicFile.write([1], to: file("99999999999999999999.state"))
    #expect(try next().prepare(calibration(run: "0003-calibrate"), content: 1) == "0003")
    // Of a state folder that was copied without the file, the names say where to go on.
    try FileManager.default.removeItem(atPath: folder.file("numbers.state"))
    try FileManager.default.removeItem(atPath: folder.file("numbers.state.previous"))
    _ = try next().publish(run: "0003-calibrate")
    #expect(try next().prepare(calibration(run: "0004-calibrate"), content: 1) == "0004")
  }

  @Test("files that have not changed are not read again, and changed ones are")
  func cache() throws {
    for id in ["0001", "0002"] { try shelf.save(Example.calibration(id, bench: "a"), content: id) }
    #expect(shelf.contents().problems.isEmpty)
    for name in ["0001.state", "0001.state.previous"] { try damage(name) }
    #expect(shelf.contents().records.map(\.id) == ["0002"] && shelf.contents().problems.count == 1)
    try FileManager.default.removeItem(atPath: file("0001.state"))
    #expect(shelf.contents().problems.isEmpty)
  }

  @Test("a calibration whose mark cannot be written is not kept, and the one before stays in force")
  func unmarked() throws {
    try shelf.save(Example.calibration("0001", bench: "a"), content: 1)
    // No file can take the place of a folder that is not empty.
    try FileManager.default.removeItem(atPath: file("in-force.marks"))
    try FileManager.default.createDirectory(atPath: file("in-force.marks/x"), withIntermediateDirectories: true)
    #expect(throws: FilesError.self) { try shelf.save(Example.calibration("0002", bench: "a"), content: 2) }
    #expect(shelf.contents().records.map(\.id) == ["0001"])
    #expect(try shelf.inForce(benchHash: "a")?.id == "0001")
  }

  @Test("a calibration is stale for another bench, beyond the limit, and when its date is ahead of the clock")
  func staleness() throws {
    let record = Example.calibration("0001", bench: "a")
    func staleness(_ days: Double, bench: String = "a", limit: Double = 7) -> CalibrationStaleness? {
      CalibrationStaleness(
        of: record, on: BenchIdentity(description: bench), at: record.date.addingTimeInterval(days * 86400),
        limit: limit * 86400)
    }
    #expect(staleness(0) == nil && staleness(7) == nil && staleness(-0.003) == nil)
    #expect(staleness(0, bench: "b") == .otherBench)
    #expect(staleness(8) == .tooOld(age: 8 * 86400, limit: 7 * 86400))
    #expect(staleness(8, limit: 9) == nil)
    #expect(staleness(-1) == .ahead(by: 86400))
    #expect(staleness(8.56)?.description == "it is 8.5 days old, more than 7 days; calibrate again")
    #expect(staleness(-1.0 / 24)?.description.contains("1 hour ahead of the clock") == true)
  }

  @Test(
    "a calibration of another device is stale, and one that builds on a calibration that is not in force; each has a code"
  )
  func stalenessCodes() throws {
    var record = Example.calibration("0001", bench: "a")
    (record.serials, record.parents) = (["camera": "1", "layers": "2"], ["p"])
    func code(_ serials: [String: String], parents: Set<String>? = ["p", "q"], days: Double = 0, bench: String = "a")
      -> String?
    {
      CalibrationStaleness(
        of: record, on: BenchIdentity(description: bench, serials: serials), parents: parents,
        at: record.date.addingTimeInterval(days * 86400))?.code
    }
    #expect(
      code(["camera": "1", "layers": "2"]) == nil && code([:]) == nil && code(["camera": "1"], parents: nil) == nil)
    #expect(code(["camera": "1", "layers": "3"]) == "calibration.stale.device")
    #expect(code([:], parents: ["q"]) == "calibration.stale.parent")
    #expect(code([:], bench: "b") == "calibration.stale.bench")
    #expect(code([:], days: 8) == "calibration.stale.age" && code([:], days: -1) == "calibration.stale.clock")
  }

  @Test("of every kind one calibration is in force, and a calibration of one kind takes no other's place")
  func kinds() throws {
    let bench = BenchIdentity(description: "a")
    for (id, kind) in [("0001", nil), ("0002", "alignment"), ("0003", "twin"), ("0004", "camera")]
      as [(String, String?)]
    {
      var record = Example.calibration(id, bench: "a")
      record.kind = kind
      try shelf.save(record, content: id)
    }
    func inForce(_ kind: String) throws -> String? { try shelf.inForce(on: bench, kind: kind)?.id }
    #expect(try inForce("twin") == "0003" && inForce("alignment") == "0002" && inForce("camera") == "0004")
    #expect(try inForce("timing") == nil)
    try shelf.restore("0001")
    #expect(try inForce("twin") == "0001" && inForce("alignment") == "0002")
    #expect(shelf.contents().inForce == ["a": "0001", "a/alignment": "0002", "a/camera": "0004"])
  }

  @Test("devices have calibrations of their own; one that names no device is valid for all until they have one")
  func devices() throws {
    let (first, second) = (
      BenchIdentity(description: "a", serials: ["camera": "1"]),
      BenchIdentity(description: "a", serials: ["camera": "2"])
    )
    try shelf.save(Example.calibration("0001", bench: "a"), content: 1)
    #expect(try shelf.inForce(on: first)?.id == "0001" && shelf.inForce(on: second)?.id == "0001")
    var record = Example.calibration("0002", bench: "a")
    record.serials = first.serials
    try shelf.save(record, content: 2)
    #expect(try shelf.inForce(on: first)?.id == "0002" && shelf.inForce(on: second)?.id == "0001")
    #expect(try shelf.inForce(on: BenchIdentity(description: "a"))?.id == "0001")
  }

  @Test("while no device is open, the newest calibration of whatever devices is in force")
  func unopened() throws {
    let unopened = try BenchIdentity(describing: "x")
    #expect(try shelf.inForce(on: unopened) == nil)
    for (id, serial) in [("0001", "1"), ("0002", "2")] {
      var record = Example.calibration(id, bench: unopened.description)
      record.serials = ["camera": serial]
      try shelf.save(record, content: id)
    }
    #expect(try shelf.inForce(on: unopened)?.id == "0002")
    func opened(_ serials: [String: String]) throws -> String? {
      try shelf.inForce(on: BenchIdentity(describing: "x", serials: serials))?.id
    }
    #expect(try opened(["camera": "1"]) == "0001" && opened(["camera": "3"]) == nil)
    // A camera that says nothing may be the one of the last calibration.
    #expect(try opened([:]) == "0002" && opened(["layers": "7"]) == "0002")
  }

  /// A calibration with these parameters that builds on others.
  private func saved(
    _ id: String, _ kind: String, _ names: [String], on parents: [String] = [], serials: [String: String]? = nil
  ) throws {
    var record = Example.calibration(id, bench: "a")
    record.parameters = names.map { .init(name: $0, unit: "", value: 1, standardDeviation: 1) }
    (record.kind, record.contentHash, record.parents, record.serials) = (kind, "hash \(id)", parents, serials)
    try shelf.save(record, content: id)
  }

  private func namesInForce() throws -> [String: String] {
    let kinds = ["camera", "response", "alignment", "twin", "timing"]
    return Dictionary(
      uniqueKeysWithValues: try shelf.inForce(on: BenchIdentity(description: "a"), kinds: kinds).map {
        ($0.kind ?? "", $0.id)
      })
  }

  @Test("a calibration that is restored counts: a newer one of all parameters is taken out of force")
  func restoredCounts() throws {
    try saved("0001", "alignment", ["gap"])
    try saved("0002", "camera", ["readNoise"])
    try saved("0003", "twin", ["gap", "crosstalk"])
    try saved("0004", "alignment", ["gap"], on: ["hash 0003"])
    #expect(try shelf.restore("0001").map(\.id) == ["0003"])
    #expect(try namesInForce() == ["camera": "0002", "alignment": "0001"])
    #expect(
      CalibrationShelf(folder: folder.file("calibrations")).contents().inForce.values.sorted() == ["0001", "0002"])
    // What was taken out can itself be restored, and is then the newest word on the gap.
    #expect(try shelf.restore("0003").isEmpty)
    #expect(try namesInForce() == ["camera": "0002", "alignment": "0001", "twin": "0003"])
  }

  @Test("newer calibrations that build on what is replaced are taken out of force, also those that build on these")
  func restoredParents() throws {
    try saved("0001", "response", ["slope"])
    try saved("0002", "response", ["slope"])
    try saved("0003", "alignment", ["gap"], on: ["hash 0002"])
    try saved("0004", "timing", ["latency"], on: ["hash 0003"])
    try saved("0005", "camera", ["readNoise"])
    #expect(try Set(shelf.restore("0001").map(\.id)) == ["0003", "0004"])
    #expect(try namesInForce() == ["camera": "0005", "response": "0001"])
  }

  @Test("a calibration that names no device is restored over those that do, on the bench with these devices")
  func restoredWithDevices() throws {
    let bench = BenchIdentity(description: "a", serials: ["camera": "1"])
    try saved("0001", "twin", ["gap"])
    try saved("0002", "twin", ["gap"], serials: bench.serials)
    #expect(try shelf.inForce(on: bench)?.id == "0002")
    try shelf.restore("0001", on: bench)
    #expect(try shelf.inForce(on: bench)?.id == "0001")
  }

  @Test(
    "a calibration that is made after others were taken out of force is in force, and one that is given up leaves none")
  func afterRetirement() throws {
    try saved("0001", "alignment", ["gap"])
    try saved("0002", "twin", ["gap"])
    try shelf.restore("0001")
    let given = Example.calibration("", bench: "a")
    try shelf.prepare(given, content: 0)
    shelf.discard(run: given.run)
    #expect(try namesInForce() == ["alignment": "0001"])
    try saved("0003", "twin", ["gap"])
    #expect(try namesInForce() == ["alignment": "0001", "twin": "0003"])
  }

  @Test(
    "what one run found together comes into force together, also when the daemon is killed in between", arguments: 0...2
  )
  func parts(published: Int) throws {
    let numbers = NumberCounter(path: folder.file("numbers.state"))
    let shelf = CalibrationShelf(folder: folder.file("calibrations"), numbers: numbers)
    for (part, kind) in ["alignment", "twin"].enumerated() {
      var record = calibration(run: "0007-calibrate")
      record.kind = kind
      #expect(try shelf.prepare(record, content: kind, part: part) == "000\(part + 1)")
    }
    #expect(shelf.preparedRuns == ["0007-calibrate"] && shelf.contents().records.isEmpty)
    // As a kill leaves it after so many of the renames.
    for name in ["0007-calibrate", "0007-calibrate_1"].prefix(published) {
      let id = name.hasSuffix("_1") ? "0002" : "0001"
      for suffix in [".previous", ""] {
        try FileManager.default.moveItem(
          atPath: file("\(name).prepared\(suffix)"), toPath: file("\(id).state\(suffix)"))
      }
    }
    let next = CalibrationShelf(folder: folder.file("calibrations"), numbers: numbers)
    #expect(try next.publish(run: "0007-calibrate").count == 2 - published)
    let bench = BenchIdentity(description: "a")
    #expect(try next.inForce(on: bench, kind: "alignment")?.id == "0001" && next.inForce(on: bench)?.id == "0002")
    #expect(next.preparedRuns.isEmpty)
  }

  @Test("what a run that failed had found is forgotten, all of it")
  func discardedParts() throws {
    for part in 0...2 { try shelf.prepare(calibration(run: "0007-calibrate"), content: part, part: part) }
    shelf.discard(run: "0007-calibrate")
    #expect(AtomicFile.names(in: folder.file("calibrations")).filter { $0.contains("prepared") }.isEmpty)
  }

  @Test("the hash of a bench is the SHA-256 of its description as JSON with sorted keys")
  func hash() throws {
    // By sha256sum of Debian's coreutils; lengths around the block size, where padding goes wrong.
    #expect(try BenchHash.of([String: Int]()) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    let expected = [
      53: "2ae89a8121a3f9d2709899b414da4c60234316951093ce35f41ce954a09533f4",
      54: "9b68496ab8c784a9ed22d25a7e3aada1736d7097061bb3149f3d66f1e22ceeef",
      61: "813662a26c997431c1990ca2424fad200f23983afe7b5543e2daf2748da424a2",
      62: "1cd1b6277a35426076612315059afa72e6903b84575ebdd1507d73697be9dbd3",
      1000: "955d04731f2adae1d94c940c2b9f72677431310d92f650dc581251045f4dbcdb",
    ]
    for (length, hash) in expected { #expect(try BenchHash.of(String(repeating: "a", count: length)) == hash) }
    #expect(try BenchHash.of(["b": 1, "a": 2]) == "d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772")
  }
}
