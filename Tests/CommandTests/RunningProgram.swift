import Foundation

/// An `odu-ctl` that has said its first line and goes on until it is told to end.
final class RunningProgram {
  /// What it wrote first to standard output.
  let words: String
  private let process = Process()

  /// - Parameter outlivesTerminal: whether it is started as `nohup` does.
  init(_ arguments: [String], socket: String, outlivesTerminal: Bool = false) throws {
    let (output, program) = (Pipe(), Program.url(of: "odu-ctl"))
    process.executableURL = outlivesTerminal ? URL(fileURLWithPath: "/bin/sh") : program
    let shell = ["-c", "trap '' HUP; exec \"$0\" \"$@\"", program.path]
    process.arguments = (outlivesTerminal ? shell : []) + arguments
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

  func send(_ number: Int32) { kill(process.processIdentifier, number) }

  /// The exit status after a signal.
  func end(with number: Int32) -> Int32 {
    send(number)
    process.waitUntilExit()
    return process.terminationStatus
  }
}
