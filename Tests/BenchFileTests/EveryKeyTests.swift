import BenchFile
import Devices
import DriverCatalogue
import Foundation
import StrictYAML
import Testing

/// Every key of a bench file that has all of them, each spoilt in turn.
@Suite("Every key of a bench file")
struct EveryKeyTests {
  /// A scalar of the file with its key and place.
  private struct Leaf {
    var key: String
    var name: String
    var line: Int
    /// The line with another value, or another name of the key, on it.
    var spoiltValue: (String) -> String
    var misspelt: String
  }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let profiles = ["realistic", "simulated", "paper-mplc"]

  /// The lines of a profile. Flow sections on one line are written out, so that each key has a line of its own.
  private static func whole(_ profile: String = "realistic") throws -> [String] {
    let text = try String(
      contentsOf: root.appendingPathComponent("Calibration/Profiles/\(profile).yaml"), encoding: .utf8)
    return text.components(separatedBy: "\n").flatMap(Self.writtenOut)
  }

  /// `key: {a: 1, b: 2}` as three lines.
  private static func writtenOut(_ line: String) -> [String] {
    let plain = line.replacing(/\s*#.*$/, with: "")
    guard let match = plain.wholeMatch(of: /(\s*)([A-Za-z0-9]+):\s*\{([^{}\[\]]*)\}/) else { return [plain] }
    let indent = String(match.1)
    return ["\(indent)\(match.2):"]
      + match.3.split(separator: ",").map { "\(indent)  \($0.trimmingCharacters(in: .whitespaces))" }
  }

  private static func leaves(of lines: [String]) -> [Leaf] {
    var path: [(indent: Int, name: String)] = []
    return lines.enumerated().compactMap { index, line -> Leaf? in
      guard let match = line.wholeMatch(of: /(\s*)([A-Za-z0-9]+):\s*(.*)/) else { return nil }
      let (indent, name, value) = (match.1.count, String(match.2), String(match.3))
      path.removeAll { $0.indent >= indent }
      path.append((indent, name))
      let key = path.map(\.name).joined(separator: ".")
      guard !value.isEmpty, !value.hasPrefix("["), !value.hasPrefix("-") else { return nil }
      let start = String(match.1)
      return Leaf(
        key: key, name: name, line: index + 1, spoiltValue: { "\(start)\(name): \($0)" },
        misspelt: "\(start)\(name)x: \(value)")
    }
  }

  /// Every key of a profile that has a value of its own, with its sections.
  static func keys(of profile: String) throws -> [String] { leaves(of: try whole(profile)).map(\.key) }

  private func mistakes(in yaml: String) -> [Mistake] {
    do {
      _ = try BenchFile(yaml: yaml, path: "b.yaml", drivers: .standard, forOpening: true)
      return []
    } catch ReadingError.mistakes(_, let mistakes) {
      return mistakes
    } catch {
      Issue.record("\(error)")
      return []
    }
  }

  /// What may stand in the place of any value, and is none.
  private static let nonsense = [
    "[1, 2]", "{a: 1}", "", "~", ".nan", ".inf", "1e999", "-1e300", "8 furlongs", "99999999999999999999999", "\"\"",
    "0x10",
    "0100",
  ]

  @Test("each kind of nonsense and a misspelt name are told at the line and with the whole key", arguments: profiles)
  func spoilt(profile: String) throws {
    let lines = try Self.whole(profile)
    #expect(mistakes(in: lines.joined(separator: "\n")) == [])
    let leaves = Self.leaves(of: lines)
    #expect(leaves.count > 10)
    func found(_ leaf: Leaf, _ line: String) -> [Mistake] {
      var spoilt = lines
      spoilt[leaf.line - 1] = line
      return mistakes(in: spoilt.joined(separator: "\n"))
    }
    for leaf in leaves {
      for value in Self.nonsense {
        let told = found(leaf, leaf.spoiltValue(value))
        #expect(told.contains { $0.line == leaf.line && $0.key == leaf.key }, "\(leaf.key): \(value): \(told)")
      }
      let told = found(leaf, leaf.misspelt)
      #expect(
        told.contains { $0.line == leaf.line && $0.key == leaf.key + "x" }, "\(leaf.key) misspelt: \(told)")
    }
  }

  @Test("a key given a second and a third time hides neither its own mistakes nor others, and invents none")
  func repeated() throws {
    let lines = try Self.whole()
    for leaf in Self.leaves(of: lines) where leaf.name != "driver" {
      var repeated = lines
      repeated.insert(contentsOf: [leaf.spoiltValue("[1]"), leaf.spoiltValue("{}")], at: leaf.line)
      let told = mistakes(in: repeated.joined(separator: "\n"))
      #expect(Set(told.map(\.line)) == [leaf.line + 1, leaf.line + 2], "\(leaf.key): \(told)")
      for line in [leaf.line + 1, leaf.line + 2] {
        let here = told.filter { $0.line == line }
        #expect(
          here.contains { $0.message.contains("more than once") } && here.contains { $0.message.contains("found") })
        #expect(here.allSatisfy { $0.key == leaf.key }, "\(here)")
      }
    }
  }

  @Test("mistakes in every section are told together")
  func together() throws {
    var lines = try Self.whole()
    let leaves = Self.leaves(of: lines)
    var expected: [String] = []
    for section in ["geometry", "input", "detector", "parameters", "devices", "layout", "simulated"] {
      // Settings are none of the file's own words; the driver's name comes first.
      guard let leaf = leaves.first(where: { $0.key.hasPrefix(section + ".") }) else { continue }
      lines[leaf.line - 1] = leaf.spoiltValue("[1, 2]")
      expected.append(leaf.key)
    }
    let told = Set(mistakes(in: lines.joined(separator: "\n")).map(\.key))
    #expect(expected.count >= 5 && told.isSuperset(of: expected), "\(expected) in \(told)")
  }
}

@Suite("Devices in a bench file")
struct DeviceMistakeTests {
  private func mistakes(devices: String) -> [Mistake] {
    let yaml = """
      geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 32, layers: 2, spacing: 0.02}
      input: {size: 8, block: 4}
      layout:
        layers: {origins: [{x: 0, y: 0}, {x: 40, y: 0}]}
        input: {origin: {x: 0, y: 0}}
        camera: {x: 0, y: 0, width: 32, height: 32}
      devices:
      \(devices)
      """
    do {
      _ = try BenchFile(yaml: yaml, path: "b.yaml", drivers: .standard, forOpening: true)
      return []
    } catch ReadingError.mistakes(_, let mistakes) {
      return mistakes
    } catch {
      Issue.record("\(error)")
      return []
    }
  }

  @Test("real devices with right settings are right")
  func right() {
    let devices = """
        layerModulator: {driver: drm, settings: {device: HDMI-A-1, mode: 1920x1080@60}}
        inputModulator: {driver: dlpc900, settings: {levels: 2}}
        camera: {driver: v4l2, settings: {device: /dev/video0, frameRate: 100}}
      """
    #expect(mistakes(devices: devices) == [])
  }

  @Test("drivers and settings are told with line and key, all of them, in the driver's own words")
  func wrong() {
    let devices = """
        layerModulator: {driver: v4l2, settings: {device: /dev/video0}}
        inputModulator: {driver: dmr}
        camera:
          driver: v4l2
          settings:
            width: -1
            frameRate: nan
            divice: /dev/video0
      """
    let found = mistakes(devices: devices)
    let expected = [
      (8, "devices.layerModulator.driver", "no modulators"), (9, "devices.inputModulator.driver", "no driver"),
      (13, "devices.camera.settings.width", "-1"), (14, "devices.camera.settings.frameRate", "nan"),
      (15, "devices.camera.settings.divice", "no such setting"), (13, "devices.camera.settings.device", "(none)"),
    ]
    for (line, key, says) in expected {
      #expect(
        found.contains { $0.line == line && $0.key == key && $0.message.contains(says) }, "\(line) \(key): \(found)")
    }
    #expect(found.count == expected.count)
  }

  @Test("two modulators on one device are one too many")
  func twice() {
    let devices = """
        layerModulator: {driver: drm, settings: {device: HDMI-A-1}}
        inputModulator: {driver: drm, settings: {device: HDMI-A-1}}
        camera: {driver: v4l2, settings: {device: /dev/video0}}
      """
    let found = mistakes(devices: devices)
    #expect(found.map(\.key) == ["devices.inputModulator.settings.device"] && found.map(\.line) == [9])
    #expect(mistakes(devices: devices.replacing("HDMI-A-1}}\n  cam", with: "HDMI-A-2}}\n  cam")) == [])
  }

  @Test("what only the whole plant shows is told at its key, too")
  func plant() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let profile = try String(
      contentsOf: root.appendingPathComponent("Calibration/Profiles/simulated.yaml"), encoding: .utf8)
    let slow = profile.replacing("exposure: 1e-3", with: "exposure: 0.5")
    let line = try #require(slow.components(separatedBy: "\n").firstIndex { $0.contains("exposure: 0.5") }) + 1
    do {
      _ = try BenchFile(yaml: slow, path: "b.yaml", drivers: .standard, forOpening: true)
      Issue.record("an exposure longer than the frame was accepted")
    } catch ReadingError.mistakes(_, let found) {
      #expect(found.contains { $0.key == "simulated.camera.exposure" && $0.line == line }, "\(found)")
    }
  }
}
