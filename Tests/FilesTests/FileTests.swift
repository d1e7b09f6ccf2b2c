import Arrays
import BenchTestKit
import Files
import Foundation
import Testing

@Suite struct FileTests {
  @Test("a write replaces the whole file and leaves nothing else in the folder")
  func atomicWrite() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1, 2, 3], to: folder.file("a"))
    try AtomicFile.write([4], to: folder.file("a"))
    #expect(try AtomicFile.read(folder.file("a")) == [4])
    #expect(folder.names == ["a"])
  }

  @Test("a write that fails leaves neither a temporary nor a changed file")
  func failedWrite() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FilesError.self) { try AtomicFile.write([1], to: folder.file("missing/a")) }
    try FileManager.default.createDirectory(atPath: folder.file("taken/inside"), withIntermediateDirectories: true)
    #expect(throws: FilesError.self) { try AtomicFile.write([1], to: folder.file("taken")) }
    #expect(folder.names == ["taken"])
    #expect(throws: FilesError.self) { try AtomicFile.read(folder.path) }
  }

  @Test("folders are made with those above them, and never in place of a file")
  func folders() throws {
    let folder = try TemporaryFolder()
    for _ in 0..<2 { try AtomicFile.makeFolder(folder.file("a/b/c")) }
    #expect(AtomicFile.isFolder(folder.file("a/b/c")))
    try AtomicFile.write([1], to: folder.file("f"))
    for path in ["f", "f/g"] {
      #expect(throws: FilesError.unwritable(file: folder.file(path), reason: "Not a directory")) {
        try AtomicFile.makeFolder(folder.file(path))
      }
    }
    #expect(try AtomicFile.read(folder.file("f")) == [1])
  }

  @Test("what could not be written is refused beforehand, and nothing is made")
  func requireWritable() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("f"))
    try AtomicFile.requireWritable(file: folder.file("f"))
    try AtomicFile.requireWritable(file: folder.file("new"))
    try AtomicFile.requireWritable(folder: folder.file("new/inside"))
    for file in ["", "missing/a", "f/a"] {
      #expect(throws: FilesError.self) { try AtomicFile.requireWritable(file: folder.file(file)) }
    }
    for inside in ["f", "f/a"] {
      #expect(throws: FilesError.self) { try AtomicFile.requireWritable(folder: folder.file(inside)) }
    }
    #expect(folder.names == ["f"])
  }

  @Test("a state file comes back, and the copy before it is kept")
  func stateFile() throws {
    let folder = try TemporaryFolder()
    let state = StateFile(path: folder.file("state"), schema: 3)
    #expect(!state.exists)
    #expect(throws: FilesError.self) { try state.load() }
    try state.save(Array("one".utf8))
    try state.save(Array("two".utf8))
    #expect(try state.load() == state.load())
    #expect(try state.load().bytes == Array("two".utf8))
    #expect(try state.load().damage == nil)
    #expect(folder.names == ["state", "state.previous"])
  }

  @Test("damage of any byte is noticed, and the previous copy is used and reported")
  func stateDamage() throws {
    let folder = try TemporaryFolder()
    let state = StateFile(path: folder.file("state"), schema: 1)
    try state.save([1, 2, 3])
    try state.save([4, 5, 6])
    let whole = try AtomicFile.read(state.path)
    let damages = whole.indices.map { index in
      whole.enumerated().map { $0.offset == index ? $0.element ^ 4 : $0.element }
    }
    for damaged in damages + [[], Array(whole.dropLast()), whole + [0]] {
      try AtomicFile.write(damaged, to: state.path)
      let loaded = try? state.load()
      // A changed schema digit is not damage that can be told from another schema: that is refused instead.
      #expect(loaded.map { $0.bytes == [1, 2, 3] && $0.damage != nil } ?? isOtherSchema(state))
    }
    try FileManager.default.removeItem(atPath: state.path)
    #expect(try state.load().bytes == [1, 2, 3])
  }

  @Test("saving over a damaged file does not push it onto the good copy")
  func saveOverDamage() throws {
    let folder = try TemporaryFolder()
    let state = StateFile(path: folder.file("state"), schema: 1)
    try state.save([1])
    try state.save([2])
    try AtomicFile.write([0], to: state.path)
    try state.save([3])
    try AtomicFile.write([0], to: state.path)
    #expect(try state.load().bytes == [1])
  }

  @Test("a state file over its limit is not written, nor read although its header is right: the copy before it is used")
  func stateLimit() throws {
    let folder = try TemporaryFolder()
    let state = StateFile(path: folder.file("state"), schema: 1, limit: 1000)
    try state.save([1])
    try state.save([2])
    for content in [[UInt8](repeating: 0, count: 1000), [UInt8](repeating: 0, count: 100_000)] {
      #expect(throws: FilesError.self) { try state.save(content) }
      #expect(throws: FilesError.self) { try state.saveFinal(content) }
    }
    #expect(try state.load().bytes == [2] && folder.names == ["state", "state.previous"])
    // Whole, as a version without a limit wrote it.
    let whole = StateFile(path: folder.file("whole"), schema: 1)
    try whole.save([UInt8](repeating: 0, count: 1000))
    try AtomicFile.write(AtomicFile.read(whole.path), to: state.path)
    #expect(try state.load().bytes == [1] && state.load().damage?.description.contains("limit of 1000") == true)
  }

  @Test("a copy that is disowned is no longer taken for whole, also where its name is fixed", arguments: [false, true])
  func disowning(isBlocked: Bool) throws {
    let folder = try TemporaryFolder()
    let state = StateFile(path: folder.file("state"), schema: 1)
    try state.save([1, 2, 3])
    if isBlocked { try AtomicFile.makeFolder(state.previousPath) }
    state.disown()
    let loaded = try? state.load()
    #expect(loaded == nil || loaded?.damage != nil)
  }

  @Test("a state of another schema is refused")
  func otherSchema() throws {
    let folder = try TemporaryFolder()
    try StateFile(path: folder.file("state"), schema: 2).save([1])
    #expect(isOtherSchema(StateFile(path: folder.file("state"), schema: 1)))
  }

  private func isOtherSchema(_ state: StateFile) -> Bool {
    do {
      _ = try state.load()
      return false
    } catch FilesError.schema {
      return true
    } catch {
      return false
    }
  }
}
