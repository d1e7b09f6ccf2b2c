import BenchTestKit
import Files
import Foundation
import Records
import Testing

@Suite struct RecordStoreTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("odu.sqlite")
  }

  private func open() throws -> RecordStore {
    let opening = try RecordStore.open(path)
    #expect(opening.damage == nil && opening.refusal == nil)
    return opening.store
  }

  @Test("jobs come back whole, newest first, page by page, whatever the clock said when they were made")
  func pages() throws {
    let store = try open()
    let numbers = [9998, 9999, 10_000, 10_001, 10_002]
    // The clock jumps back with every job.
    let jobs = numbers.enumerated().map {
      Example.job($1, created: Example.date.addingTimeInterval(Double(-3600 * $0)))
    }
    for job in jobs.shuffled() { try store.upsert(job) }
    #expect(try store.page(limit: 2) == [jobs[4], jobs[3]])
    #expect(try store.page(limit: 2, before: "10001-train") == [jobs[2], jobs[1]])
    #expect(try store.page(limit: 9, before: "9999-train") == [jobs[0]])
    #expect(try store.page(limit: 9, before: "9998-train").isEmpty && store.page(limit: -1).isEmpty)
    // A page goes on although the job at its end was deleted meanwhile.
    try store.remove("10001-train")
    #expect(try store.page(limit: 2, before: "10001-train") == [jobs[2], jobs[1]])
    #expect(try store.page(limit: 9).count == 4 && store.job("10001-train") == nil)
  }

  @Test("a job is replaced by its later state, and all of it is there after the store was opened again")
  func reopened() throws {
    let store = try open()
    try store.upsert(Example.job(1, hasEnded: false))
    try store.upsert(Example.job(1))
    try store.insert(Example.model("0001-train"))
    try store.insert(Example.calibration("0001", bench: "a"))
    try store.close()
    let opening = try RecordStore.open(path)
    #expect(!opening.isNew && opening.damage == nil && opening.refusal == nil)
    #expect(try opening.store.page(limit: 9) == [Example.job(1)])
    #expect(try opening.store.models() == [Example.model("0001-train")])
    #expect(try opening.store.calibrations() == [Example.calibration("0001", bench: "a")])
  }

  @Test("the calibration in force is the last one, or the one that was restored, for each bench")
  func calibrations() throws {
    let store = try open()
    for (id, bench) in [("0001", "a"), ("0002", "a"), ("0003", "b")] {
      try store.insert(Example.calibration(id, bench: bench))
    }
    #expect(try store.calibrations().map(\.id) == ["0003", "0002", "0001"])
    #expect(try store.inForce(benchHash: "a")?.id == "0002" && store.inForce(benchHash: "c") == nil)
    try store.restore("0001")
    #expect(try store.inForce(benchHash: "a")?.id == "0001" && store.inForce(benchHash: "b")?.id == "0003")
    #expect(throws: RecordsError.absent(calibration: "7", known: ["0001", "0002", "0003"])) { try store.restore("7") }
  }

  @Test("a job that is removed takes its model along and leaves calibrations alone")
  func remove() throws {
    let store = try open()
    for number in [1, 2] {
      try store.upsert(Example.job(number))
      try store.insert(Example.model(Example.job(number).id))
    }
    var calibration = Example.calibration("0001", bench: "a")
    calibration.run = "0001-train"
    try store.insert(calibration)
    try store.remove("0001-train")
    #expect(try store.models().map(\.id) == ["0002-train"] && store.model("0001-train") == nil)
    #expect(try store.calibrations() == [calibration])
  }

  @Test("a store that is made anew from the files answers as the one before")
  func rebuild() throws {
    let shelf = CalibrationShelf(folder: folder.file("calibrations"))
    let store = try open()
    let jobs = (1...20).map { Example.job($0, hasEnded: $0 % 2 == 0) }
    for job in jobs { try store.upsert(job) }
    for (id, bench) in [("0001", "a"), ("0002", "a"), ("0003", "b")] {
      try store.insert(Example.calibration(id, bench: bench))
      try shelf.save(Example.calibration(id, bench: bench), content: 0)
    }
    try store.restore("0001")
    try shelf.restore("0001")
    try store.insert(Example.model("0002-train"))
    let other = try RecordStore.open(nil).store
    try other.upsert(Example.job(99))
    let contents = shelf.contents()
    try other.rebuild(
      jobs: jobs, calibrations: contents.records, inForce: contents.inForce, models: [Example.model("0002-train")])
    #expect(try other.page(limit: 99) == store.page(limit: 99) && store.page(limit: 99).count == 20)
    #expect(try other.calibrations() == store.calibrations() && other.models() == store.models())
    for bench in ["a", "b"] { #expect(try other.inForce(benchHash: bench) == store.inForce(benchHash: bench)) }
    #expect(try store.inForce(benchHash: "a")?.id == "0001")
  }

  @Test("two threads may write and read at once")
  func concurrent() async throws {
    let store = try open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          for index in 1...25 {
            try store.upsert(Example.job(worker * 25 + index))
            _ = try store.page(limit: 5)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.page(limit: 1000).count == 100)
  }
}
