import Foundation

/// The programs beside the tests: the writer that is killed, and h5py, which is independent of the code under test.
enum Programs {
  struct Outcome: Sendable {
    var status: Int32
    var output: String
  }

  /// Runs a program to its end; what it writes is read from one pipe.
  static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }

  /// Reads a recording of the writer; at least so many images must be whole.
  static func read(_ path: String, least: Int, plain: Bool = false) throws -> Outcome {
    let script = folder.appendingPathComponent("read_recording.py").path
    return try run(python ?? "", [script, path, "\(least)"] + (plain ? ["plain"] : []))
  }

  /// A Python that has h5py; nil when there is none.
  static let python: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates = path.split(separator: ":").map { "\($0)/python3" } + ["/usr/bin/python3"]
    return candidates.first { (try? run($0, ["-c", "import h5py, numpy"]))?.status == 0 }
  }()

  /// Whether this machine lets the tests make a disk of their own.
  static let canMount: Bool = {
    (try? inOwnMounts("mount -t tmpfs -o size=64k tmpfs /mnt", []))?.status == 0
  }()

  /// Runs a shell script whose mounts nobody else sees.
  static func inOwnMounts(_ script: String, _ arguments: [String]) throws -> Outcome {
    try run("/usr/bin/unshare", ["--map-root-user", "--mount", "/bin/sh", "-euc", script, "sh"] + arguments)
  }

  static let writer = products.appendingPathComponent("recording-writer").path

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// The folder of the built programs, which the test runner lies in as well.
  private static let products: URL = {
    let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let source = folder.deletingLastPathComponent().deletingLastPathComponent()
    let candidates = [runner] + ["release", "debug"].map { source.appendingPathComponent(".build/\($0)") }
    return candidates.first {
      FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent("recording-writer").path)
    } ?? runner
  }()
}

/// The writer while it writes.
final class RunningWriter {
  private let process = Process()
  private let pipe = Pipe()
  private var pending = ""

  init(_ path: String, blocks: Int) throws {
    process.executableURL = URL(fileURLWithPath: Programs.writer)
    process.arguments = [path, "\(blocks)"]
    process.standardOutput = pipe
    try process.run()
  }

  deinit { kill() }

  var isRunning: Bool { process.isRunning }

  /// The next line that it says; nil when it has ended.
  func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: "\n") {
        defer { pending = String(pending[pending.index(after: end)...]) }
        return String(pending[..<end])
      }
      let data = pipe.fileHandleForReading.availableData
      if data.isEmpty { return nil }
      pending += String(decoding: data, as: UTF8.self)
    }
  }

  /// Kills it as the system does, without notice.
  func kill() {
    guard process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

/// A folder that is removed with the value's last owner.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("odu-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}
