import Foundation
import Testing

/// The guide shows files of this repository, each in a block under a line with its path.
@Suite("Writing a driver")
struct GuideTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The block under the line that names `path`.
  static func block(_ path: String, in guide: String) -> String? {
    let lines = guide.components(separatedBy: "\n")
    guard let title = lines.firstIndex(of: "`\(path)`:"),
      let start = lines[title...].firstIndex(of: "```swift"), start <= title + 2,
      let end = lines[start...].firstIndex(of: "```")
    else { return nil }
    return lines[(start + 1)..<end].map { $0 + "\n" }.joined()
  }

  @Test(
    "shows the files as they are",
    arguments: [
      "Drivers/Example/PlayerPort.swift", "Drivers/Example/PatternPlayer.swift",
      "Drivers/Example/PlayerSettings.swift",
      "Drivers/Example/Driver+PatternPlayer.swift", "Drivers/Catalogue/StandardDrivers.swift",
    ])
  func sameAsFile(path: String) throws {
    let guide = try Self.text("Docs/how-to/writing-a-driver.md")
    #expect(Self.block(path, in: guide) == (try Self.text(path)))
  }

  @Test("shows every file of the example")
  func complete() throws {
    let guide = try Self.text("Docs/how-to/writing-a-driver.md")
    let folder = Self.root.appendingPathComponent("Drivers/Example").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 4)
    for file in files { #expect(Self.block("Drivers/Example/\(file)", in: guide) != nil, "\(file)") }
  }
}
