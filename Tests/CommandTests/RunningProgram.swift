import Foundation

/// An `odu-ctl` that has said its first line and goes on until it is told to end.
final class RunningProgram {
  /// What it wrote first to standard output.
  let words: String
  private let process = Process()

  init(_ arguments: [String], socket: String) throws {
    let output = Pipe()
    process.executableURL = Program.url(of: "odu-ctl")
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "ODU_SOCKET": socket]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    words = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  deinit {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }

  /// The exit status after a signal.
  func end(with number: Int32) -> Int32 {
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    return process.terminationStatus
  }
}
