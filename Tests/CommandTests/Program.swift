import Foundation

/// One run of a program that was built with these tests.
struct Program {
  let status: Int32
  let output: Data
  let errors: String

  /// The only JSON document on standard output.
  func json() throws -> Any { try JSONSerialization.jsonObject(with: output, options: [.fragmentsAllowed]) }

  /// Code and message of the error that is the only document on standard output.
  func failure() throws -> (code: String, message: String) {
    let document = try json() as? [String: [String: String]]
    guard let error = document?["error"], let code = error["code"], let message = error["message"] else {
      throw CocoaError(.coderValueNotFound)
    }
    return (code, message)
  }

  /// Lines on standard error.
  var errorLines: [Substring] { errors.split(separator: "\n") }

  /// Runs `odu-ctl`, or another of the programs, to its end; its standard input is empty.
  ///
  /// - Parameter path: another program, wherever it is.
  static func run(
    _ arguments: [String], of name: String = "odu-ctl", at path: String? = nil, environment: [String: String] = [:]
  ) throws -> Program {
    let folder = try Folder()
    let process = Process()
    process.executableURL = path.map { URL(fileURLWithPath: $0) } ?? url(of: name)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "NO_COLOR": "1"].merging(environment) { $1 }
    let (output, errors) = (folder.file("output"), folder.file("errors"))
    for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    process.waitUntilExit()
    return Program(
      status: process.terminationStatus, output: try Data(contentsOf: URL(fileURLWithPath: output)),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  static func url(of name: String) -> URL { products.appendingPathComponent(name) }

  /// The folder of the built programs, which the test runner lies in as well.
  private static let products: URL = {
    let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let candidates = [runner] + ["release", "debug"].map { source.appendingPathComponent(".build/\($0)") }
    return candidates.first {
      FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent("odu-ctl").path)
    } ?? runner
  }()
}

/// A folder that is removed with the value's last owner.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("odu-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, as name: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }
}
