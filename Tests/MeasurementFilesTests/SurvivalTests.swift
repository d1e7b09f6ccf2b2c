import BenchTestKit
import Files
import Foundation
import MeasurementFiles
import Testing

/// Recordings as others find them: read by h5py while they are written, after kills and on full disks.
@Suite(
  .serialized,
  .enabled(if: Programs.python != nil, "SKIPPED: no python3 with h5py; Debian has it as python3-h5py"))
struct SurvivalTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a recording that was closed is read by h5py as any other file, with every number and attribute")
  func closed() throws {
    let path = folder.file("measured-1.h5")
    let writer = try Programs.run(Programs.writer, [path, "25"])
    #expect(writer.status == 0 && writer.output.hasSuffix("100\nclosed\n"), "\(writer)")
    let read = try Programs.read(path, least: 100, plain: true)
    #expect(read.status == 0 && read.output == "100\n", "\(read)")
  }

  @Test("h5py reads what was acknowledged while the recording goes on")
  func whileWritten() throws {
    let path = folder.file("measured-1.h5")
    let writer = try RunningWriter(path, blocks: 100_000)
    #expect(writer.line() == "ready")
    var acknowledged = 0
    for _ in 0..<5 {
      for _ in 0..<20 { acknowledged = try #require(writer.line().flatMap { Int($0) }) }
      let read = try Programs.read(path, least: acknowledged)
      #expect(read.status == 0, "after \(acknowledged): \(read)")
    }
    #expect(writer.line() != nil, "the writer has not ended")
    writer.kill()
  }

  @Test(
    "after a kill at any moment every image that was acknowledged is there and whole",
    arguments: [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144])
  func killed(blocks: Int) throws {
    let path = folder.file("measured-1.h5")
    let writer = try RunningWriter(path, blocks: 100_000)
    #expect(writer.line() == "ready")
    var acknowledged = 0
    for _ in 0..<blocks { acknowledged = try #require(writer.line().flatMap { Int($0) }) }
    // It goes on writing meanwhile, so that this hits it anywhere in a block.
    writer.kill()
    let read = try Programs.read(path, least: acknowledged)
    #expect(read.status == 0, "killed after \(acknowledged): \(read)")
  }

  @Test("a recording is read as frames for a fit while another process writes it, and after that one was killed")
  func readAsFrames() throws {
    let path = folder.file("measured-1.h5")
    let writer = try RunningWriter(path, blocks: 100_000)
    #expect(writer.line() == "ready")
    var acknowledged = 0
    for _ in 0..<10 { acknowledged = try #require(writer.line().flatMap { Int($0) }) }
    for isRunning in [true, false] {
      if !isRunning { writer.kill() }
      let measured = try MeasuredFrames(reading: folder.path)
      #expect(measured.frames.count >= acknowledged && measured.patterns.count == measured.frames.count)
      for frame in 0..<measured.frames.count {
        // The writer counts samples through a block of four images.
        #expect(measured.frames[frame, 0, 0] == Float(2 * frame + frame % 4 * 1600 % 7), "frame \(frame)")
      }
    }
  }

  @Test(
    "a kill while the file is made leaves none under its name, or one that can be read",
    arguments: [true, false], [0, 2, 8])
  func killedEarly(unfinished: Bool, looks: Int) throws {
    let path = folder.file("measured-1.h5")
    let writer = try RunningWriter(path, blocks: 1)
    // Waits for the temporary file, or for the file itself, and some looks longer.
    var seen = 0
    while writer.isRunning, seen <= looks {
      let isThere =
        unfinished
        ? AtomicFile.names(in: folder.path).contains(where: AtomicFile.isUnfinished)
        : FileManager.default.fileExists(atPath: path)
      if seen > 0 || isThere { seen += 1 }
    }
    writer.kill()
    guard FileManager.default.fileExists(atPath: path) else {
      #expect(unfinished, "the file was there")
      return
    }
    let read = try Programs.read(path, least: 0)
    #expect(read.status == 0, "\(read)")
  }

  @Test(
    "on a disk that fills up recording ends with one message, and what was recorded before is read",
    .enabled(if: Programs.canMount, "SKIPPED: this machine lets no test mount a disk of its own"),
    arguments: ["1500k", "1700k", "2m", "3m"])
  func fullDisk(size: String) throws {
    let (copy, next) = (folder.file("copy.h5"), folder.file("next.h5"))
    let (status, lines, _) = try record(onDiskOf: size, copy: copy, next: next)
    let numbers = lines.compactMap { Int($0) }
    let others = lines.filter { Int($0) == nil }
    // Nothing else is said, by the library neither.
    #expect(status == 3 && others.count == 3 && others[0] == "ready" && others[2] == "next", "\(others)")
    #expect(others[1].hasSuffix("recording stops, the measurement continues: No space left on device"), "\(others)")
    let acknowledged = numbers.last ?? 0
    let read = try Programs.read(copy, least: acknowledged)
    #expect(read.status == 0 && acknowledged > 0, "\(acknowledged) images: \(read)")
    let later = try Programs.read(next, least: 20, plain: true)
    #expect(later.output == "20\n", "the same process makes the next recording: \(later)")
  }

  @Test(
    "a disk on which not even the beginning has room keeps no piece of a recording",
    .enabled(if: Programs.canMount, "SKIPPED: this machine lets no test mount a disk of its own"),
    arguments: ["4k", "64k", "300k"])
  func noRoom(size: String) throws {
    let (status, lines, left) = try record(onDiskOf: size, copy: folder.file("copy.h5"), next: folder.file("next.h5"))
    #expect(status == 3 && left.isEmpty, "\(left)")
    #expect(lines.count == 2 && lines[0].contains("No space left on device") && lines[1] == "next", "\(lines)")
  }

  /// Lets the writer fill a disk, past the room that it is told to look for.
  ///
  /// - Returns: its status, what it said, and the files on the disk at the end.
  private func record(
    onDiskOf size: String, copy: String, next: String
  ) throws -> (Int32, lines: [String], files: [String]) {
    let disk = folder.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    let script = """
      mount -t tmpfs -o size=$1 tmpfs "$2"
      status=0; "$3" "$2/measured-1.h5" 100000 -1000000000 "$5" || status=$?
      echo files; ls -A "$2"
      [ ! -e "$2/measured-1.h5" ] || cp "$2/measured-1.h5" "$4"
      exit $status
      """
    let outcome = try Programs.inOwnMounts(script, [size, disk, Programs.writer, copy, next])
    let lines = outcome.output.split(separator: "\n").map { String($0) }
    let end = lines.firstIndex(of: "files") ?? lines.count
    return (outcome.status, Array(lines[..<end]), Array(lines.dropFirst(end + 1)))
  }
}
