import BenchTestKit
import Foundation

/// The programs beside the tests: the writer that is killed, and h5py, which is independent of the code under test.
extension Programs {
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

  static let writer = path(of: "recording-writer")

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
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
