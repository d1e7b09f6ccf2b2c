import ArgumentParser
import BenchAPI
import Foundation

/// The option that every command has.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Write one JSON document to standard output, and nothing else there.")
  var json = false

  /// Prints the result: as JSON when asked for, otherwise as `text` says.
  func print(_ value: some Encodable, text: () -> String) throws {
    if json {
      FileHandle.standardOutput.write(try APICoding.encode(value) + Data("\n".utf8))
    } else {
      let lines = text()
      if !lines.isEmpty { FileHandle.standardOutput.write(Data((lines + "\n").utf8)) }
    }
  }
}

/// What the user should know besides the result.
enum StandardError {
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  static func note(_ line: String) { write("odu-ctl: \(line)\n") }

  /// One line for each line of the error's description.
  static func report(_ error: any Error) {
    for line in text(of: error).split(separator: "\n") { note(String(line)) }
  }

  private static func text(of error: any Error) -> String {
    switch error {
    case let error as DecodingError: error.explanation
    case is CancellationError: "cancelled"
    case let error as CocoaError: error.localizedDescription
    case let error as any CustomStringConvertible: error.description
    default: error.localizedDescription
    }
  }
}

/// A command that the surface names and that this version does not have.
struct NotYet: ParsableArguments {
  @Argument(parsing: .captureForPassthrough, help: .hidden)
  var arguments: [String] = []

  func refuse(_ command: String) throws -> Never {
    StandardError.note("\(command): this version does not have this command yet")
    throw ExitCode.validationFailure
  }
}

/// Why a command failed, when nobody else has words for it.
struct CommandFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Rows under a heading, or what to say when there are none.
func table(_ heading: [String], _ rows: [[String]], empty: String) -> String {
  if rows.isEmpty { return empty }
  let lines = columns([heading] + rows).split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
  return Terminal.standardOutput.dimmed(String(lines[0])) + "\n" + lines[1]
}

/// Rows of text in columns that line up.
func columns(_ rows: [[String]]) -> String {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { column, cell in
      column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}
