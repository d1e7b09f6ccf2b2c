import Arrays
import BenchTestKit
import Files
import Foundation
import Testing

/// Files that somebody else named.
@Suite struct RegularFileTests {
  @Test("pipes, folders, sockets and devices are refused at once, by what they are", .timeLimit(.minutes(15)))
  func irregular() throws {
    let folder = try TemporaryFolder()
    mkfifo(folder.file("pipe"), 0o600)
    symlink(folder.file("pipe"), folder.file("link"))
    mkdir(folder.file("folder"), 0o700)
    for (name, kind) in [("pipe", "pipe"), ("link", "pipe"), ("folder", "folder")] {
      let error = #expect(throws: FilesError.self) { try AtomicFile.read(folder.file(name)) }
      #expect(error?.description.contains("a \(kind)") == true)
    }
    let device = #expect(throws: FilesError.self) { try AtomicFile.read("/dev/zero") }
    #expect(device?.description.contains("a device") == true)
  }

  @Test("a path that goes on behind a zero byte is not cut there")
  func zeroByte() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("a"))
    #expect(throws: FilesError.self) { try AtomicFile.read(folder.file("a\u{0}b")) }
  }

  @Test("an open file stays whole when it is removed and replaced")
  func replaced() throws {
    let folder = try TemporaryFolder()
    let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(content, to: folder.file("a"))
    let file = try RegularFile(folder.file("a"))
    try AtomicFile.write([9], to: folder.file("a"))
    unlink(folder.file("a"))
    #expect(try file.bytes(file.size, at: 0) == content)
    #expect(try file.bytes(10, at: 99_995) == Array(content[99_995...]))
    #expect(try file.bytes(10, at: 100_000).isEmpty)
  }

  @Test("a stack read in pieces is what the whole file holds, in both precisions")
  func stacks() throws {
    let folder = try TemporaryFolder()
    let shape = [3, 301, 401]
    let values = (0..<shape.reduce(1, *)).map { Float($0 % 9973) / 7 }
    for elements in [NPYElements.float32(values), .float64(values.map { Double($0) })] {
      try NPY.write(NPYArray(shape: shape, elements: elements), to: folder.file("a.npy"))
      let file = try StackFile(RegularFile(folder.file("a.npy")), source: "a")
      #expect(file.shape == (3, 301, 401))
      #expect(try file.stack().values == values)
      try file.check()
    }
  }

  @Test("what is no finite stack is refused as it is when the whole file is read")
  func wrongStacks() throws {
    let folder = try TemporaryFolder()
    var values = [Float](repeating: 0, count: 2 * 600 * 600)
    values[600 * 600 + 599] = .nan
    let arrays = [
      NPYArray(shape: [2, 600, 600], elements: .float32(values)), NPYArray(shape: [2], elements: .float32([1, 2])),
      NPYArray(shape: [1, 2], elements: .uint8([1, 2])), NPYArray(shape: [0, 2, 2], elements: .float32([])),
    ]
    for array in arrays {
      try NPY.write(array, to: folder.file("a.npy"))
      #expect(throws: FilesError.self) { try Stack<Float>(npy: NPY.read(folder.file("a.npy"))) }
      let error = #expect(throws: FilesError.self) {
        try StackFile(RegularFile(folder.file("a.npy")), source: "a").check()
      }
      if array.shape == [2, 600, 600] { #expect(error?.description.contains("[1, 0, 599]") == true) }
    }
    let whole = NPY.encode(NPYArray(shape: [1, 2], elements: .float32([1, 2])))
    for bytes in [Array(whole.dropLast()), whole + [0], []] {
      try AtomicFile.write(bytes, to: folder.file("a.npy"))
      #expect(throws: FilesError.self) { try StackFile(RegularFile(folder.file("a.npy")), source: "a").check() }
    }
  }

  @Test("messages quote both ends of a long name, and no broken characters")
  func excerpts() {
    let name = String(repeating: "ä", count: 100_000)
    let excerpt = Excerpt.of(name, limit: 101)
    #expect(
      excerpt.utf8.count < 150 && excerpt.hasPrefix("ää") && excerpt.hasSuffix("ää") && !excerpt.contains("\u{FFFD}"))
    #expect(Excerpt.of("short") == "short")
    #expect(FilesError.unreadable(file: name, reason: "it is too long").description.utf8.count < 2000)
  }
}
