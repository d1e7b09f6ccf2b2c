import BenchTestKit
import Files
import Foundation
import Testing

/// Protects files that grow by lines, also when the program that writes them is killed.
@Suite("Files of lines") struct LineFileTests {
  private func text(_ lines: [[UInt8]]) -> [String] { lines.map { String(decoding: $0, as: UTF8.self) } }

  @Test("lines come back in their order, and a part of one that was left is not continued")
  func torn() throws {
    let folder = try TemporaryFolder()
    let file = LineFile(path: folder.file("lines"))
    #expect(try file.lines() == [])
    try file.append(Array("one".utf8))
    try file.append(Array("two".utf8))
    // What a kill leaves in the middle of a write.
    let handle = try #require(FileHandle(forWritingAtPath: file.path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("thr".utf8))
    try handle.close()
    try file.append(Array("four".utf8))
    #expect(text(try file.lines()) == ["one", "two", "thr", "four"])
    try file.replace(by: [Array("five".utf8)])
    try file.append(Array("six".utf8))
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "five\nsix\n")
  }

  @Test("a file that is too large, or none, is said to be; a full disk is an error")
  func refused() throws {
    let folder = try TemporaryFolder()
    let file = LineFile(path: try folder.write("0123456789\n", as: "lines"), limit: 10)
    #expect(throws: FilesError.self) { try file.lines() }
    #expect(throws: FilesError.self) { try LineFile(path: folder.path).append([48]) }
    #expect(throws: FilesError.self) { try LineFile(path: "/dev/full").append([48]) }
  }
}
