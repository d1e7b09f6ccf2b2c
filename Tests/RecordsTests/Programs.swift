import Foundation

/// The program beside the tests, which is killed and given bad disks.
enum Programs {
  /// Runs a program to its end and gives the lines that it wrote.
  static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, lines: [String]) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map { String($0) }
    return (process.terminationStatus, lines)
  }

  /// Runs a shell script whose mounts nobody else sees.
  static func inOwnMounts(_ script: String, _ arguments: [String]) throws -> (status: Int32, lines: [String]) {
    try run("/usr/bin/unshare", ["--map-root-user", "--mount", "/bin/sh", "-euc", script, "sh"] + arguments)
  }

  /// Whether this machine lets the tests make a disk of their own.
  static let canMount: Bool = {
    (try? inOwnMounts("mount -t tmpfs -o size=64k tmpfs /mnt", []))?.status == 0
  }()

  static let writer: String = {
    let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let candidates = ([runner] + ["release", "debug"].map { source.appendingPathComponent(".build/\($0)") })
      .map { $0.appendingPathComponent("record-writer").path }
    return candidates.first(where: FileManager.default.isExecutableFile) ?? candidates[0]
  }()
}
