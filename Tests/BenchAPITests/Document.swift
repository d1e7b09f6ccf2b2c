import Foundation
import Testing

/// A document of the project, of which a part is printed from the code.
struct Document {
  private let url: URL
  let text: String

  /// - Parameter path: from the project's folder.
  init(_ path: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    url = folder.appendingPathComponent(path)
    text = try String(contentsOf: url, encoding: .utf8)
  }

  /// Expects `part` between two marks; from the start and to the end where they are empty. With `ODU_WRITE_DOCS` in the
  /// environment, it is written there instead.
  func compare(_ part: String, between start: String, and end: String) throws {
    let begin =
      start.isEmpty ? text.startIndex : try #require(text.range(of: start)?.upperBound, "there is no \(start)")
    let finish =
      end.isEmpty ? text.endIndex : try #require(text.range(of: end, range: begin..<text.endIndex)?.lowerBound)
    let present = begin..<finish
    if ProcessInfo.processInfo.environment["ODU_WRITE_DOCS"] != nil {
      try text.replacingCharacters(in: present, with: part).write(to: url, atomically: true, encoding: .utf8)
    } else {
      #expect(
        text[present] == part, "\(url.lastPathComponent) is not what the code says; ODU_WRITE_DOCS=1 writes it")
    }
  }
}
