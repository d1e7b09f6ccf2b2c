import BenchFile
import DriverCatalogue
import Foundation
import StrictYAML
import Testing

/// Loads `yaml` and returns what was refused; nil when it was accepted.
private func mistakes(in yaml: String) throws -> [Mistake]? {
  do {
    _ = try BenchFile(yaml: yaml, path: "b.yaml", drivers: .standard)
    return nil
  } catch ReadingError.mistakes(let path, let mistakes) {
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

struct Spoilt: Sendable, CustomTestStringConvertible {
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
      Spoilt(4, "  pitch: 8", "geometry.pitch", "8 is 8 metres; did you mean 8e-6?"),
      Spoilt(4, "  pitch: 0.008", "geometry.pitch", "did you mean 0.008e-3?"),
      Spoilt(3, "  wavelength: 850", "geometry.wavelength", "did you mean 850e-9?"),
      Spoilt(3, "  wavelength: 0.85", "geometry.wavelength", "did you mean 0.85e-6?"),
      Spoilt(7, "  spacing: 200", "geometry.spacing", "did you mean 200e-3?"),
      Spoilt(7, "  spacing: 20", "geometry.spacing", "did you mean 20e-3?"),
      Spoilt(7, "  spacing: -0.02", "geometry.spacing", "1e-6 to 1 metres"),
      Spoilt(7, "  spacing: .nan", "geometry.spacing", "not a finite number"),
      Spoilt(7, "  spacing: inf", "geometry.spacing", "not a finite number"),
      Spoilt(7, "  spacing: two", "geometry.spacing", "expected a number, found \"two\""),
      Spoilt(7, "  spacing: [1, 2]", "geometry.spacing", "found a list"),
      Spoilt(7, "  spacing:", "geometry.spacing", "found nothing"),
      Spoilt(2, "  kind: plane", "geometry.kind", "did you mean `planes`?"),
      Spoilt(5, "  grid: 128.5", "geometry.grid", "whole number"),
      Spoilt(5, "  grid: 4", "geometry.grid", "8 to 8192"),
      Spoilt(6, "  layers: 65", "geometry.layers", "1 to 64"),
      Spoilt(9, "  size: 40", "input.size", "wider than the grid of 128"),
      Spoilt(10, "  blok: 4", "input.blok", "did you mean `block`?"),
      Spoilt(12, "  block: 3", "detector.block", "does not divide"),
      Spoilt(13, "  region: {x: 60, y: 24, width: 80, height: 80}", "detector.region", "outside the grid of 128x128"),
      Spoilt(11, "detectors:", "detectors", "did you mean `detector`?"),
      Spoilt(8, "input: 3\nextra:", "input", "expected keys with values"),
    ])
  func named(_ mistake: Spoilt) throws {
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
      ReadingError.mistakes(path: "b.yaml", found).description.hasPrefix("b.yaml:4:10: geometry.pitch: 8 is 8 metres")
    )
  }

  @Test("two levels of a phase are no grey that mirrors could make")
  func twoLevels() throws {
    func told(_ encoding: String) throws -> String {
      let yaml =
        bench(replacing: 10, with: "  block: 4\n  encoding: \(encoding)") + """

          layout:
            layers: {origins: [{x: 0, y: 0}, {x: 200, y: 0}, {x: 400, y: 0}, {x: 600, y: 0}]}
            input: {origin: {x: 0, y: 0}, fullLevel: 1}
            camera: {x: 0, y: 0, width: 80, height: 80}
          """
      return try #require(try mistakes(in: yaml)?.first { $0.key == "layout.input.fullLevel" }).message
    }
    for encoding in ["amplitude", "intensity"] {
      #expect(try told(encoding).contains("encoding: binary") && told(encoding).contains("input.levels: 2"))
    }
    #expect(try !told("phase").contains("binary") && told("phase").contains("input.levels: 2"))
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
      (1, "geometry.pitch", "more than once"), (1, "geometry.pitch", "8 metres"), (1, "geometry.pitch", "9 metres"),
      (1, "geometry.gird", "unknown"), (2, "input.size", "more than once"), (3, "detector.blok", "unknown"),
      (4, "detector", "the first is on line 3"), (5, "detector", "the first is on line 3"),
      (5, "detector.bits", "1 to 24"), (6, "parameters.beamTiltX.start", "more than once"),
      (6, "parameters.beamTiltX.free", "true or false"),
    ] {
      #expect(
        found.contains { $0.line == line && $0.key == key && $0.message.contains(says) },
        "\(line) \(key) \(says) is not in \(found)")
    }
  }

  @Test("the third occurrence of a key, a second part of a section, and repetitions within repetitions are each read")
  func occurrences() throws {
    let yaml = """
      geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 32, layers: 4}
      input: {size: 8, block: 4}
      geometry: {spacing: 20}
      input: {size: 8, block: 4, block: two}
      input: {blok: 4, size: -1}
      detector: {region: {x: 0, y: 0, width: 32, height: 32}}
      detector: {region: {x: -1}, block: 4}
      """
    let found = try #require(try mistakes(in: yaml))
    let told = found.map { "\($0.line) \($0.key)" }
    #expect(
      told == [
        "3 geometry", "3 geometry.spacing", "4 input", "4 input.block", "4 input.block", "5 input", "5 input.blok",
        "5 input.size", "7 detector", "7 detector.region.x",
      ], "\(found)")
  }

  @Test("a file with more repetitions than are looked into is refused quickly, with each of them")
  func manyOccurrences() throws {
    let many = Array(repeating: "pitch: 8e-6", count: 3000).joined(separator: ", ")
    let found = try #require(try mistakes(in: "geometry: {\(many), kind: planes}\n"))
    #expect(found.count { $0.message.contains("more than once") } == 2999)
    #expect(found.contains { $0.key == "geometry.wavelength" && $0.message.contains("missing") })
  }

  @Test(
    "a unit is told in the dimension of the key, or not at all",
    arguments: [
      ("pitch", "8um", "8e-6, in metres"), ("pitch", "8 \u{B5}m", "8e-6, in metres"),
      ("pitch", "8000 nm", "8000e-9, in metres"), ("pitch", "8UM", "8e-6, in metres"),
      ("pitch", "8 microns", "8e-6, in metres"), ("pitch", "8e6 pm", "8e-6, in metres"),
      ("pitch", "0.0003 in", "7.62e-6, in metres"), ("pitch", "8 ms", "the number alone, in metres"),
      ("pitch", "8 Mm", "the number alone, in metres"), ("wavelength", "633nm", "633e-9, in metres"),
      ("wavelength", "0,633e-6", "0.633e-6, with a point"), ("spacing", "2 cm", "2e-2, in metres"),
      ("spacing", "20 millimetres", "20e-3, in metres"), ("spacing", "20 mrad", "the number alone, in metres"),
    ])
  func units(key: String, written: String, says: String) throws {
    let values = ["pitch": "8e-6", "wavelength": "850e-9", "spacing": "0.02"].merging([key: "\"\(written)\""]) { $1 }
    let keys = values.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", ")
    let yaml = "geometry: {kind: planes, grid: 32, layers: 1, \(keys)}\ninput: {size: 8, block: 4}\n"
    let found = try #require(try mistakes(in: yaml))
    #expect(found.map(\.key) == ["geometry.\(key)"])
    #expect(found[0].message.contains("give \(says)") || found[0].message.contains("write \(says)"), "\(found)")
  }

  @Test(
    "so are those of angles, times, rates and ratios",
    arguments: [
      ("parameters: {beamTiltX: {start: 0.1 deg}}", "0.00174533, in radians"),
      ("parameters: {beamTiltX: {start: 2 mrad}}", "2e-3, in radians"),
      ("parameters: {beamTiltX: {start: 200 \u{B5}rad}}", "200e-6, in radians"),
      ("parameters: {fillFactor: {start: 93 %}}", "0.93"),
      ("simulated: {camera: {frameRate: 1kHz}}", "1e3, in hertz"),
      ("simulated: {camera: {frameRate: 1MHz}}", "1e6, in hertz"),
      ("simulated: {camera: {frameRate: 1mhz}}", "1e6, in hertz"),
      ("simulated: {camera: {frameRate: 500 fps}}", "500, in hertz"),
      ("simulated: {camera: {exposure: 8 ms}}", "8e-3, in seconds"),
      ("simulated: {camera: {exposure: 8 m}}", "the number alone, in seconds"),
      ("simulated: {layers: {shift: 500pm}}", "500e-12, in metres"),
      ("simulated: {drift: {interval: 2 min}}", "120, in seconds"),
    ])
  func otherUnits(section: String, says: String) throws {
    let found = try #require(try mistakes(in: bench(replacing: 13, with: section)))
    #expect(found.contains { $0.message.contains("units are not written; give \(says)") }, "\(found)")
  }

  @Test(
    "seconds that no panel needs are milliseconds",
    arguments: [
      ("layerSettle", "20", "20e-3"), ("inputLatency", "1", "1e-3"), ("layerLatency", "16.7", "16.7e-3"),
      ("inputSettle", "500", "500e-3"), ("layerSettle", "2000", "2000e-6"),
    ])
  func milliseconds(key: String, written: String, meant: String) throws {
    let found = try #require(
      try mistakes(in: bench(replacing: 13, with: "layout: {timing: {\(key): \(written)}}")))
    #expect(
      found.contains { $0.key == "layout.timing.\(key)" && $0.message.contains("did you mean \(meant)?") }, "\(found)")
  }

  @Test("settings whose keys are no words, and merge keys among them, are named")
  func settings() throws {
    let devices = """
      devices:
        layerModulator:
          driver: drm
          settings:
            device: HDMI-A-1
            [mode, rate]: 60
            {a: 1}: 2
            <<: {mode: 1920x1080}
      """
    let found = try #require(try mistakes(in: bench(replacing: 13, with: devices)))
    for (line, key, says) in [
      (18, "devices.layerModulator.settings", "a key must be a word, found a list"),
      (19, "devices.layerModulator.settings", "a key must be a word, found keys with values"),
      (20, "devices.layerModulator.settings.<<", "merge keys"),
    ] {
      #expect(
        found.contains { $0.line == line && $0.key == key && $0.message.contains(says) }, "\(line) \(key): \(found)")
    }
  }

  @Test("line breaks of other systems and a byte order mark change nothing; other encodings are refused at their place")
  func encodings() throws {
    let text = bench(replacing: 4, with: "  pitch: 8")
    for other in [text.replacingOccurrences(of: "\n", with: "\r\n"), "\u{FEFF}" + text] {
      #expect(try mistakes(in: other)?.map(\.line) == [4])
      #expect(try mistakes(in: other.replacingOccurrences(of: "pitch: 8", with: "pitch: 8e-6")) == nil)
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    let latin = bench(replacing: 4, with: "  pitch: 8e-6 # 8 \u{B5}m")
    try #require(latin.data(using: .isoLatin1)).write(to: file)
    #expect {
      try BenchFile.load(path: file.path, drivers: .standard)
    } throws: { error in
      if case .syntax(_, 4, 19, let problem)? = error as? ReadingError { problem.contains("UTF-8") } else { false }
    }
    for (text, line) in [("a: 1\n\tb: 2\n", 2), ("geometry: {kind: planes\u{0}}\n", 1)] {
      #expect {
        try BenchFile(yaml: text, path: "b.yaml", drivers: .standard)
      } throws: { error in
        if case .syntax(_, line, _, _)? = error as? ReadingError { true } else { false }
      }
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
        try BenchFile(yaml: text, path: "b.yaml", drivers: .standard)
      } throws: { error in
        if case .syntax? = error as? ReadingError { true } else { false }
      }
    }
  }

  @Test("text that is not YAML is refused with the place")
  func syntax() {
    #expect {
      try BenchFile(yaml: "geometry: {kind: planes\ninput: ]", path: "b.yaml", drivers: .standard)
    } throws: { error in
      if case .syntax(_, let line, _, _)? = error as? ReadingError { line == 2 } else { false }
    }
  }

  @Test("an empty file, a missing file and a folder each give one line")
  func unreadable() throws {
    #expect(throws: ReadingError.self) { try BenchFile(yaml: "", path: "b.yaml", drivers: .standard) }
    for path in ["no-such-bench.yaml", NSTemporaryDirectory()] {
      #expect {
        try BenchFile.load(path: path, drivers: .standard)
      } throws: { error in
        "\(error)".hasPrefix(path) && !"\(error)".contains("\n")
      }
    }
  }
}
