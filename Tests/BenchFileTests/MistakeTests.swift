import BenchFile
import Foundation
import Testing

/// Loads `yaml` and returns what was refused; nil when it was accepted.
private func mistakes(in yaml: String) throws -> [BenchFileMistake]? {
  do {
    _ = try BenchFile(yaml: yaml, path: "b.yaml")
    return nil
  } catch BenchFileError.mistakes(let path, let mistakes) {
    #expect(path == "b.yaml")
    return mistakes
  }
}

/// A correct bench with one line replaced; line numbers are those of this text.
private func bench(replacing line: Int, with text: String) -> String {
  var lines = """
    geometry:
      kind: planes
      wavelength: 850e-9
      pitch: 8e-6
      grid: 128
      layers: 4
      spacing: 0.02
    input:
      size: 20
      block: 4
    detector:
      block: 4
      region: {x: 24, y: 24, width: 80, height: 80}
    """.components(separatedBy: "\n")
  lines[line - 1] = text
  return lines.joined(separator: "\n")
}

struct Mistake: Sendable, CustomTestStringConvertible {
  let line: Int
  let text: String
  let key: String
  let says: String
  var testDescription: String { text.trimmingCharacters(in: .whitespaces) }

  init(_ line: Int, _ text: String, _ key: String, _ says: String) {
    (self.line, self.text, self.key, self.says) = (line, text, key, says)
  }
}

@Suite("Mistakes in a bench file")
struct MistakeTests {
  @Test(
    "each is named with its line and key, and the message helps",
    arguments: [
      Mistake(4, "  pitch: 8", "geometry.pitch", "8 is 8 metres; did you mean 8e-6?"),
      Mistake(4, "  pitch: 0.008", "geometry.pitch", "did you mean 0.008e-3?"),
      Mistake(3, "  wavelength: 850", "geometry.wavelength", "did you mean 850e-9?"),
      Mistake(3, "  wavelength: 0.85", "geometry.wavelength", "did you mean 0.85e-6?"),
      Mistake(7, "  spacing: 200", "geometry.spacing", "did you mean 200e-3?"),
      Mistake(7, "  spacing: 20", "geometry.spacing", "did you mean 20e-3?"),
      Mistake(7, "  spacing: -0.02", "geometry.spacing", "1e-6 to 1 metres"),
      Mistake(7, "  spacing: .nan", "geometry.spacing", "not a finite number"),
      Mistake(7, "  spacing: inf", "geometry.spacing", "not a finite number"),
      Mistake(7, "  spacing: two", "geometry.spacing", "expected a number, found \"two\""),
      Mistake(7, "  spacing: [1, 2]", "geometry.spacing", "found a list"),
      Mistake(7, "  spacing:", "geometry.spacing", "found nothing"),
      Mistake(2, "  kind: plane", "geometry.kind", "did you mean `planes`?"),
      Mistake(5, "  grid: 128.5", "geometry.grid", "whole number"),
      Mistake(5, "  grid: 4", "geometry.grid", "8 to 8192"),
      Mistake(6, "  layers: 65", "geometry.layers", "1 to 64"),
      Mistake(9, "  size: 40", "input.size", "wider than the grid of 128"),
      Mistake(10, "  blok: 4", "input.blok", "did you mean `block`?"),
      Mistake(12, "  block: 3", "detector.block", "does not divide"),
      Mistake(13, "  region: {x: 60, y: 24, width: 80, height: 80}", "detector.region", "outside the grid of 128x128"),
      Mistake(11, "detectors:", "detectors", "did you mean `detector`?"),
      Mistake(8, "input: 3\nextra:", "input", "expected keys with values"),
    ])
  func named(_ mistake: Mistake) throws {
    let found = try #require(try mistakes(in: bench(replacing: mistake.line, with: mistake.text)))
    let match = try #require(found.first { $0.key == mistake.key }, "found only \(found)")
    #expect(match.line == mistake.line)
    #expect(match.message.contains(mistake.says), "the message is: \(match.message)")
  }

  @Test("the column points at the offending value")
  func column() throws {
    let found = try #require(try mistakes(in: bench(replacing: 4, with: "  pitch: 8")))
    #expect(found.map(\.column) == [10])
    #expect(
      BenchFileError.mistakes(path: "b.yaml", found).description.hasPrefix("b.yaml:4:10: geometry.pitch: 8 is 8 metres")
    )
  }

  @Test("a missing key is reported at its section")
  func missing() throws {
    let found = try #require(try mistakes(in: bench(replacing: 4, with: "")))
    #expect(found.map(\.key) == ["geometry.pitch"])
    #expect(found.allSatisfy { $0.message.contains("missing") })
  }

  @Test("all mistakes are listed at once, in the order of the file")
  func several() throws {
    let yaml = """
      geometry: {kind: cavity, wavelength: 850, pitch: 8, grid: 128, layers: 4, mirorGap: 0.02}
      input: {size: 20}
      """
    let found = try #require(try mistakes(in: yaml))
    #expect(
      Set(found.map(\.key)) == [
        "geometry.wavelength", "geometry.pitch", "geometry.mirorGap", "geometry.mirrorGap", "input.block",
      ])
    #expect(found.map(\.line) == found.map(\.line).sorted())
  }

  @Test("a parameter outside its own bounds, and one that the geometry does not have")
  func parameters() throws {
    let yaml = bench(replacing: 13, with: "parameters:\n  beamTiltX: {start: 0.03}\n  mirrorTiltX: {start: 0}")
    let found = try #require(try mistakes(in: yaml))
    #expect(found.map(\.key) == ["parameters.beamTiltX.start", "parameters.mirrorTiltX"])
    #expect(found.map(\.line) == [14, 15])
  }

  @Test("a key given twice is refused rather than the first or last taken")
  func duplicate() throws {
    let found = try #require(try mistakes(in: bench(replacing: 5, with: "  pitch: 9e-6\n  grid: 128")))
    #expect(found.map(\.key) == ["geometry.pitch"])
    #expect(found.map(\.line) == [5])
    #expect(found[0].message.contains("the first is on line 4"))
  }

  @Test("a key given twice hides no other mistake, neither beside it nor below either of the two")
  func duplicatesHideNothing() throws {
    let yaml = """
      geometry: {kind: planes, wavelength: 850e-9, pitch: 8, pitch: 9, gird: 32, grid: 32, layers: 4, spacing: 0.02}
      input: {size: 8, block: 4, size: 8}
      detector: {blok: 2}
      detector: {block: two}
      detector: {bits: 99}
      parameters: {beamTiltX: {start: 1, start: 0, free: maybe}}
      """
    let found = try #require(try mistakes(in: yaml))
    for (line, key, says) in [
      (1, "geometry.pitch", "stands twice"), (1, "geometry.pitch", "8 metres"), (1, "geometry.pitch", "9 metres"),
      (1, "geometry.gird", "unknown"), (2, "input.size", "stands twice"), (3, "detector.blok", "unknown"),
      (4, "detector", "the first is on line 3"), (5, "detector", "the first is on line 3"),
      (5, "detector.bits", "1 to 24"), (6, "parameters.beamTiltX.start", "stands twice"),
      (6, "parameters.beamTiltX.free", "true or false"),
    ] {
      #expect(
        found.contains { $0.line == line && $0.key == key && $0.message.contains(says) },
        "\(line) \(key) \(says) is not in \(found)")
    }
  }

  @Test(
    "anchors are read; merge keys, aliases to nothing, great depth and growing aliases are refused with their place")
  func anchors() throws {
    #expect(
      try mistakes(in: bench(replacing: 8, with: "input: &input").replacing("size: 20", with: "size: &n 20")) == nil)
    let merged = try mistakes(in: bench(replacing: 4, with: "  <<: {pitch: 8e-6}\n  pitch: 8e-6"))
    #expect(merged?.map(\.key) == ["geometry.<<"] && merged?.map(\.line) == [4])
    let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    var wide = "k0: &k0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1..<20 {
      let below = Array(repeating: "*k\(level - 1)", count: 4).joined(separator: ", ")
      wide += "k\(level): &k\(level) [\(below)]\n"
    }
    for text in ["geometry: *nothing", "geometry: \(deep)", wide] {
      #expect {
        try BenchFile(yaml: text, path: "b.yaml")
      } throws: { error in
        if case .syntax? = error as? BenchFileError { true } else { false }
      }
    }
  }

  @Test("text that is not YAML is refused with the place")
  func syntax() {
    #expect {
      try BenchFile(yaml: "geometry: {kind: planes\ninput: ]", path: "b.yaml")
    } throws: { error in
      if case .syntax(_, let line, _, _)? = error as? BenchFileError { line == 2 } else { false }
    }
  }

  @Test("an empty file, a missing file and a folder each give one line")
  func unreadable() throws {
    #expect(throws: BenchFileError.self) { try BenchFile(yaml: "", path: "b.yaml") }
    for path in ["no-such-bench.yaml", NSTemporaryDirectory()] {
      #expect {
        try BenchFile.load(path: path)
      } throws: { error in
        "\(error)".hasPrefix(path) && !"\(error)".contains("\n")
      }
    }
  }
}
