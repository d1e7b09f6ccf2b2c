import BenchTestKit
import Foundation
import Records
import Testing

/// The index of a process that is killed, and on disks that are full or cannot be written.
@Suite(.serialized) struct DiskTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("odu.sqlite")
  }

  @Test("after every kill the index opens undamaged with all that was acknowledged")
  func killed() throws {
    for acknowledged in [1, 7, 30, 100] {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: Programs.writer)
      process.arguments = [path, "1000000"]
      process.standardOutput = pipe
      try process.run()
      var text = ""
      var isOpen = true
      while isOpen, text.count(where: { $0 == "\n" }) < acknowledged {
        let data = pipe.fileHandleForReading.availableData
        isOpen = !data.isEmpty
        text += String(decoding: data, as: UTF8.self)
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let last = try #require(text.split(separator: "\n").last.flatMap { Int($0) }, "\(text.suffix(200))")
      let opening = try RecordStore.open(path)
      #expect(opening.damage == nil && opening.refusal == nil && !opening.isNew)
      let numbers = try opening.store.page(limit: .max).compactMap { Int($0.id.prefix { $0 != "-" }) }
      #expect(numbers.count >= last && numbers == Array((1...max(1, numbers.count)).reversed()))
      try opening.store.close()
    }
  }

  @Test(
    "on a disk that fills up a typed error says so, what was kept before is read, and the next start finds no damage",
    .enabled(if: Programs.canMount, "SKIPPED: this machine lets no test mount a disk of its own"),
    arguments: ["200k", "700k", "2m"])
  func fullDisk(size: String) throws {
    let script = """
      mount -t tmpfs -o size=$1 tmpfs "$2"
      "$3" "$2/odu.sqlite" 10000
      "$3" "$2/odu.sqlite" 0
      """
    let outcome = try Programs.inOwnMounts(script, [size, folder.path, Programs.writer])
    let (status, lines) = (outcome.status, outcome.lines)
    #expect(status == 0)
    let kept = lines.compactMap { Int($0) }.last ?? 0
    let others = lines.filter { Int($0) == nil }
    #expect(others.count == 3 && others[0].contains("the disk is full; nothing was changed"), "\(others)")
    #expect(kept > 0 && others[1] == "read \(kept)", "\(others)")
    #expect(others.last == "read 0", "\(others)")
  }

  @Test(
    "in a folder that cannot be written the daemon gets an index in memory, whether or not there was one before",
    .enabled(if: Programs.canMount, "SKIPPED: this machine lets no test mount a disk of its own"),
    arguments: [0, 3])
  func readOnly(before: Int) throws {
    let script = """
      mount -t tmpfs -o size=4m tmpfs "$1"
      [ "$3" = 0 ] || "$2" "$1/odu.sqlite" "$3" >/dev/null
      mount -o remount,ro "$1"
      "$2" "$1/odu.sqlite" 2
      """
    let outcome = try Programs.inOwnMounts(script, [folder.path, Programs.writer, "\(before)"])
    let (status, lines) = (outcome.status, outcome.lines)
    try #require(status == 0 && lines.count == 4, "\(lines)")
    #expect(lines[0].hasPrefix("in memory: ") && lines[0].contains("cannot be written"), "\(lines)")
    #expect(lines.dropFirst() == ["1", "2", "read 2"], "\(lines)")
  }
}
