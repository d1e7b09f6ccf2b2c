import BenchTestKit
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
    let folder = try TemporaryFolder()
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

  static func url(of name: String) -> URL { URL(fileURLWithPath: Programs.path(of: name)) }
}
