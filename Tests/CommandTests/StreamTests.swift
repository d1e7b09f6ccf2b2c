import BenchTestKit
import Foundation
import Testing

/// A result must not be lost silently because it could not be written, and a program whose output ends must not crash.
@Suite("Standard streams")
struct StreamTests {
  /// A program whose output is long enough to reach the descriptor, and those whose output ArgumentParser makes.
  static let commands = [
    ["odu-ctl", "--help"], ["odu-ctl", "--version"], ["odu-ctl", "train", "--help"],
    ["odu-ctl", "--generate-completion-script", "bash"], ["odu-ctl", "diffusion", "schedule"],
    ["odu-ctl", "diffusion", "schedule", "--json"], ["odud", "--help"], ["odud", "--version"],
  ]

  @Test("a full disk is said and fails the command", arguments: commands)
  func fullDisk(command: [String]) throws {
    let ended = try Shell.run(command, redirecting: ">/dev/full")
    #expect(ended.status == 1)
    #expect(ended.errors.contains("standard output") && ended.errors.contains("No space left"))
    #expect(ended.errors.split(separator: "\n").count == 1)
  }

  @Test("a closed standard output is said and fails the command", arguments: commands)
  func closed(command: [String]) throws {
    let ended = try Shell.run(command, redirecting: ">&-")
    #expect(ended.status == 1)
    #expect(ended.errors.contains("standard output cannot be written: it is closed"))
  }

  @Test("a reader that has left ends the program as SIGPIPE does, without a word", arguments: commands)
  func leftByReader(command: [String]) throws {
    let ended = try Shell.run(command, standardOutput: try Shell.brokenPipe())
    #expect(ended.signal == SIGPIPE)
    #expect(ended.errors.isEmpty)
  }

  static let failing: [([String], Int32)] = [
    (["odu-ctl", "nosuch"], 64), (["odu-ctl", "bench", "validate", "/nosuch"], 1), (["odu-ctl", "evaluate"], 64),
    (["odud", "--threads", "0"], 64), (["odud", "--bench", "/nosuch"], 78),
  ]

  @Test(
    "what cannot be said does not change the status", arguments: failing,
    ["2>/dev/full", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func errorsUnsaid(command: ([String], Int32), redirection: String) throws {
    #expect(try Shell.run(command.0, redirecting: redirection).status == command.1)
  }

  @Test(
    "errors that nobody reads end the program as SIGPIPE does",
    arguments: [["nosuch"], ["bench", "validate", "/nosuch"]])
  func errorsUnread(arguments: [String]) throws {
    let ended = try Shell.run(["odu-ctl"] + arguments, standardError: try Shell.brokenPipe())
    #expect(ended.signal == SIGPIPE)
  }

  @Test("commands that have talked to the daemon, whose client ignores SIGPIPE, end the same way")
  func afterRequests() throws {
    let daemon = try RunningDaemon()
    let environment = ["ODU_SOCKET": daemon.socket]
    for words in [["status"], ["status", "--json"], ["jobs"], ["devices", "--json"], ["metrics"]] {
      let command = ["odu-ctl"] + words
      let left = try Shell.run(command, standardOutput: try Shell.brokenPipe(), environment: environment)
      #expect(left.signal == SIGPIPE, "\(words): \(left.errors)")
      let full = try Shell.run(command, redirecting: ">/dev/full", environment: environment)
      #expect(full.status == 1 && full.errors.contains("No space left"), "\(words)")
    }
  }

  @Test("a job whose progress nobody reads any more is cancelled, as by Ctrl-C")
  func unreadProgress() throws {
    let daemon = try RunningDaemon()
    let command = [
      "odu-ctl", "train", "--mode", "online", "--dataset", "glyphs", "--socket", daemon.socket, "--output",
      daemon.folder.file("model"),
    ]
    let ended = try Shell.run(command, standardError: try Shell.brokenPipe())
    #expect(ended.signal == SIGPIPE)
    let jobs = try #require(try daemon.json("jobs")["jobs"] as? [[String: Any]])
    let id = try #require(jobs.first?["id"] as? String)
    #expect(jobs.count == 1)
    // It ends with the step that it was at.
    #expect(try daemon.run("jobs", "follow", id).status == 1)
    #expect(try daemon.json("jobs", "show", id)["state"] as? String == "cancelled")
    #expect(!FileManager.default.fileExists(atPath: daemon.folder.file("model/model.odu")))
  }

  @Test("a job goes on when its progress cannot be written for another reason")
  func unsaidProgress() throws {
    let daemon = try RunningDaemon()
    let ended = try Shell.run(
      ["odu-ctl", "calibrate", "twin", "--json"], redirecting: "2>/dev/full", environment: ["ODU_SOCKET": daemon.socket]
    )
    #expect(ended.status == 0)
    #expect(!ended.output.isEmpty)
  }

  @Test("a file beyond the size that the user may write is said, and none is left")
  func fileLimit() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write("", as: "empty") + ".npy"
    try Self.field(side: 128).write(to: URL(fileURLWithPath: input))
    let command = [
      "odu-ctl", "optics", "propagate", "--input", input, "--output", folder.file("out.npy"), "--pitch", "8e-6",
      "--wavelength", "850e-9", "--distance", "1e-3",
    ]
    let ended = try Shell.run(command, limits: "ulimit -f 64")
    #expect(ended.status == 1)
    #expect(ended.errors.contains("File too large"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["empty", "empty.npy"])
  }

  /// A complex64 array of ones `[1, side, side]` as NumPy writes it.
  private static func field(side: Int) -> Data {
    var header = "{'descr': '<c8', 'fortran_order': False, 'shape': (1, \(side), \(side)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]) + Data(header.utf8)
    for _ in 0..<side * side { file += [0, 0, 0x80, 0x3F, 0, 0, 0, 0] }
    return file
  }

  @Test("no file of a daemon takes the number of a standard stream that was closed at the start")
  func closedAtStart() throws {
    let daemon = try RunningDaemon(withoutStreams: true)
    for number in 0...2 {
      let place = try FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(daemon.processIdentifier)/fd/\(number)")
      #expect(place == "/dev/null")
    }
    // Something to log, where a line once went into this file.
    _ = try daemon.run("calibrate", "twin", "--json")
    let lock = try String(contentsOfFile: daemon.folder.file("s/odud.lock"), encoding: .utf8)
    #expect(lock == "\(daemon.processIdentifier)\n")
  }
}

/// A program started by a shell, with what a shell can do to its streams.
struct Shell {
  /// The exit status, unless a signal ended it.
  let status: Int32?
  let signal: Int32?
  let output: String
  let errors: String

  /// - Parameters:
  ///   - command: a program that was built with these tests, and its arguments.
  ///   - limits: a command of the shell before it.
  static func run(
    _ command: [String], redirecting: String = "", limits: String = ":", standardOutput: FileHandle? = nil,
    standardError: FileHandle? = nil, environment: [String: String] = [:]
  ) throws -> Shell {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(limits); exec \"$0\" \"$@\" \(redirecting)", Program.url(of: command[0]).path]
    process.arguments?.append(contentsOf: command.dropFirst())
    process.environment = [
      "PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_STATE_HOME": folder.path, "NO_COLOR": "1",
      "SWIFT_BACKTRACE": "enable=no",
    ]
    .merging(environment) { $1 }
    let files = try ["output", "errors"].map { name in
      URL(fileURLWithPath: try folder.write("", as: name))
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try standardOutput ?? FileHandle(forWritingTo: files[0])
    process.standardError = try standardError ?? FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return Shell(
      status: isSignal ? nil : process.terminationStatus, signal: isSignal ? process.terminationStatus : nil,
      output: try String(contentsOf: files[0], encoding: .utf8),
      errors: try String(contentsOf: files[1], encoding: .utf8))
  }

  /// The end for writing of a pipe that nobody reads.
  static func brokenPipe() throws -> FileHandle {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    return pipe.fileHandleForWriting
  }
}
