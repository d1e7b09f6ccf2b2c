import BenchTestKit
import Foundation
import Testing

/// What a command does with the place that `--output` names: it is looked at before the work, nothing that is there is lost,
/// and a result that goes to standard output goes there alone.
@Suite("Output files")
struct OutputFileTests {
  private let folder: TemporaryFolder
  private let input: String

  init() throws {
    folder = try TemporaryFolder()
    input = folder.file("in.npy")
    try Self.field.write(to: URL(fileURLWithPath: input))
  }

  private func propagate(to output: String, _ more: [String] = [], redirecting: String = "") throws -> Shell {
    try Shell.run(
      [
        "odu-ctl", "optics", "propagate", "--input", input, "--output", output, "--pitch", "8e-6", "--wavelength",
        "850e-9", "--distance", "1e-3",
      ] + more, redirecting: redirecting)
  }

  /// A complex64 array of ones `[1, 8, 8]` as NumPy writes it.
  private static var field: Data {
    var header = "{'descr': '<c8', 'fortran_order': False, 'shape': (1, 8, 8), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]) + Data(header.utf8)
    for _ in 0..<64 { file += [0, 0, 0x80, 0x3F, 0, 0, 0, 0] }
    return file
  }

  @Test(
    "an array sent to standard output is all that is there", arguments: ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
  func standardOutput(name: String) throws {
    #expect(try propagate(to: folder.file("plain.npy")).status == 0)
    let ended = try propagate(to: name, redirecting: "> '\(folder.file("got.npy"))'")
    #expect(ended.status == 0 && ended.errors.contains("[1, 8, 8]"))
    let wanted = try Data(contentsOf: URL(fileURLWithPath: folder.file("plain.npy")))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("got.npy"))) == wanted)
    // In a pipe, too, and the JSON document has no place beside it.
    let piped = try propagate(to: name, redirecting: "| cat > '\(folder.file("piped.npy"))'")
    #expect(piped.status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("piped.npy"))) == wanted)
    let both = try propagate(to: name, ["--json"], redirecting: "> '\(folder.file("both"))'")
    #expect(both.status == 64 && both.errors.contains("standard output"))
  }

  @Test("a reader who leaves ends the command as SIGPIPE does; a full disk and a closed stream fail it with words")
  func endsOfStandardOutput() throws {
    let left = try Shell.run(
      [
        "odu-ctl", "optics", "propagate", "--input", input, "--output", "/dev/stdout", "--pitch", "8e-6",
        "--wavelength",
        "850e-9", "--distance", "1e-3",
      ], standardOutput: try Shell.brokenPipe())
    #expect(left.signal == SIGPIPE && left.errors.isEmpty)
    let full = try propagate(to: "/dev/stdout", redirecting: "> /dev/full")
    #expect(full.status == 1 && full.errors.contains("No space left"))
    let named = try propagate(to: "/dev/full")
    #expect(named.status == 1 && named.errors.contains("No space left"))
    let closed = try propagate(to: "/dev/stdout", redirecting: ">&-")
    #expect(closed.status == 1 && closed.errors.contains("/dev/stdout"))
    // Without standard error the status is the same.
    #expect(try propagate(to: "/dev/full", redirecting: "2>&-").status == 1)
    #expect(try propagate(to: folder.file("silent.npy"), redirecting: "2>&-").status == 0)
  }

  @Test(
    "every command that writes looks at the place before it does anything",
    arguments: [
      ["camera", "grab"], ["camera", "latest"], ["slm", "shown"], ["models", "fetch", "0001"],
      ["measure", "--patterns", "/nosuch.npy"],
      ["twin", "forward", "--bench", "/nosuch", "--layers", "/nosuch", "--input", "/nosuch"],
      ["optics", "propagate", "--input", "/nosuch", "--pitch", "8e-6", "--wavelength", "850e-9", "--distance", "1"],
      ["generate", "--model", "/nosuch", "--on", "twin"],
    ])
  func first(command: [String]) throws {
    let target = folder.file("keep.npy/x.npy")
    try "kept".write(toFile: folder.file("keep.npy"), atomically: true, encoding: .utf8)
    for output in [target, folder.file("none/x.npy")] {
      let ended = try Shell.run(
        ["odu-ctl"] + command + ["--output", output], environment: ["ODU_SOCKET": "/nosuch.socket"])
      #expect(ended.status == 1 && ended.errors.contains(output), "\(command): \(ended.errors)")
    }
    #expect(try String(contentsOfFile: folder.file("keep.npy"), encoding: .utf8) == "kept")
  }

  @Test(
    "so does every command that fills a folder",
    arguments: [
      ["camera", "live", "--output"], ["runs", "fetch", "0001-x", "--output"],
      ["train", "--mode", "offline", "--bench", "/nosuch", "--output"],
      ["twin", "measure", "--bench", "/nosuch", "--output"],
      ["twin", "gradient", "--bench", "/n", "--layers", "/n", "--input", "/n", "--target", "/n", "--output-dir"],
    ])
  func folders(command: [String]) throws {
    try "kept".write(toFile: folder.file("file"), atomically: true, encoding: .utf8)
    let links = [("dangling", folder.file("none/where")), ("loop", folder.file("loop"))]
    for (name, target) in links {
      try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
    }
    for output in ["file", "file/below", "dangling", "loop", "loop/below"].map(folder.file) {
      let ended = try Shell.run(["odu-ctl"] + command + [output], environment: ["ODU_SOCKET": "/nosuch.socket"])
      #expect(ended.status == 1 && ended.errors.contains(output), "\(command) \(output): \(ended.errors)")
    }
    #expect(try String(contentsOfFile: folder.file("file"), encoding: .utf8) == "kept")
    let empty = try Shell.run(["odu-ctl"] + command + [""], environment: ["ODU_SOCKET": "/nosuch.socket"])
    #expect(empty.status == 1 && empty.errors.contains("name is empty"), "\(empty.errors)")
  }

  @Test("a file of measurements is replaced as other files are, and no folder is made of it")
  func measurements() throws {
    try "old".write(toFile: folder.file("frames.h5"), atomically: true, encoding: .utf8)
    let ended = try Shell.run([
      "odu-ctl", "twin", "measure", "--bench", "/nosuch", "--output", folder.file("frames.h5"),
    ])
    #expect(ended.status == 1 && ended.errors.contains("/nosuch") && !ended.errors.contains("frames.h5"))
  }

  @Test("a file that its owner has protected is not replaced")
  func protected() throws {
    try "kept".write(toFile: folder.file("keep.npy"), atomically: true, encoding: .utf8)
    #expect(chmod(folder.file("keep.npy"), 0o444) == 0)
    // Root may write everything.
    guard geteuid() != 0 else { return }
    let ended = try propagate(to: folder.file("keep.npy"))
    #expect(ended.status == 1 && ended.errors.contains("Permission denied"))
    #expect(try String(contentsOfFile: folder.file("keep.npy"), encoding: .utf8) == "kept")
  }
}
