import Foundation

/// Programs that tests run beside themselves, such as those that are killed and given bad disks.
public enum Programs {
  public struct Outcome: Sendable {
    public var status: Int32
    /// What it wrote to standard output and standard error.
    public var output: String

    public var lines: [String] { output.split(separator: "\n").map { String($0) } }
  }

  /// Runs a program to its end.
  public static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
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

  /// Runs a shell script whose mounts nobody else sees.
  public static func inOwnMounts(_ script: String, _ arguments: [String]) throws -> Outcome {
    try run("/usr/bin/unshare", ["--map-root-user", "--mount", "/bin/sh", "-euc", script, "sh"] + arguments)
  }

  /// Whether this machine lets the tests make a disk of their own.
  public static let canMount: Bool = {
    (try? inOwnMounts("mount -t tmpfs -o size=64k tmpfs /mnt", []))?.status == 0
  }()

  /// The path of a program that was built with the tests.
  public static func path(of name: String) -> String {
    let candidates = folders.map { $0.appendingPathComponent(name).path }
    return candidates.first(where: FileManager.default.isExecutableFile) ?? candidates[0]
  }

  /// Where programs are built: beside the test runner, or in the package's own folder.
  private static let folders: [URL] = {
    let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return [runner] + ["release", "debug"].map { package.appendingPathComponent(".build/\($0)") }
  }()
}
