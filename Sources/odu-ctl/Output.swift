import ArgumentParser
import BenchAPI
import Concurrency
import Foundation
import Program
import Synchronization

/// The option that every command has.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Write one JSON document to standard output, and nothing else there.")
  var json = false

  /// Whether the one JSON document of this process has been written.
  static var hasPrinted: Bool { printed.load(ordering: .relaxed) }

  private static let printed = Atomic(false)

  /// Writes the one JSON document of this process to standard output.
  static func write(document: some Encodable) throws {
    printed.store(true, ordering: .relaxed)
    try StandardStream.output.write(String(decoding: APICoding.encode(document), as: UTF8.self) + "\n")
  }

  /// Prints the result: as JSON when asked for, otherwise as `text` says.
  ///
  /// - Throws: ``StreamFailure`` when standard output does not take it.
  func print(_ value: some Encodable, text: () -> String) throws {
    if json {
      try Self.write(document: value)
    } else {
      let lines = text()
      if !lines.isEmpty { try StandardStream.output.write(lines + "\n") }
    }
  }
}

/// What the user should know besides the result.
enum StandardError {
  /// Writes the text. When nobody reads it any more, the command ends (``Readers``); when it cannot be written for another
  /// reason, a full disk say, the command continues without.
  static func write(_ text: String) {
    do {
      try StandardStream.error.write(text)
    } catch  where error.isBrokenPipe {
      Readers.leave()
    } catch {
      // There is no third place to say so.
    }
  }

  static func note(_ line: String) {
    last.withLock { $0 = line }
    write("odu-ctl: \(line)\n")
  }

  /// What was noted last; nil when nothing was.
  static var lastNote: String? { last.withLock { $0 } }

  private static let last = Locked<String?>(nil)

  /// One line for each line of the error's description.
  static func report(_ error: any Error) {
    for line in text(of: error).split(separator: "\n") { note(String(line)) }
  }

  static func text(of error: any Error) -> String {
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

/// Why a command failed, when no other error has words for it.
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
