import StrictYAML

/// A bench with its calibrations as one bench file: the file of before, what was found as a section `calibration`, and the twin as the
/// plant of a simulation as a section `simulated`.
public struct BenchExport: Sendable {
  /// The text of the bench file.
  public var text: String
  /// What the simulation cannot know, one sentence each; empty for a bench that is only computed.
  public var unknown: [String]

  /// - Parameters:
  ///   - text: of the bench's own file, in block style.
  ///   - devices: what is open; nil when nothing is, which leaves the section `simulated` as it is.
  ///   - calibrations: those in force.
  public init(
    of text: String, _ bench: CalibratedBench, devices: DeviceFacts?, calibrations: [ExportedCalibration]
  ) throws {
    let plant = devices.flatMap { devices in bench.layout.map { SimulatedBenchSection(bench, $0, devices) } }
    var parts = [Self.without(plant == nil ? ["calibration"] : ["calibration", "simulated"], text)]
    unknown = plant?.unknown ?? []
    if let plant {
      let head = "The plant of `odud --simulate`, as the twin knows this bench. It does not know of:"
      parts.append(
        Self.comment([head] + unknown.map { "- \($0)" })
          + YAMLValue.section([YAMLValue.Entry("simulated", plant.section)]).file)
    }
    if !calibrations.isEmpty {
      let lines = try calibrations.map { "  " + (try $0.line()) }
      parts.append(
        Self.comment([
          "The calibrations in force, one on each line. odud takes them over where it has none of their kinds."
        ])
          + "calibration: |\n" + lines.joined(separator: "\n") + "\n")
    }
    self.text = parts.joined(separator: "\n")
  }

  private static func comment(_ lines: [String]) -> String { lines.map { "# \($0)\n" }.joined() }

  /// The text without some of its outermost sections and the comments right above them.
  package static func without(_ sections: Set<String>, _ text: String) -> String {
    var kept: [Substring] = []
    // What may turn out to stand above the section that follows one that is left out.
    var comments: [Substring] = []
    var isLeftOut = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let key = outermostKey(line) {
        isLeftOut = sections.contains(key)
        if isLeftOut { while kept.last?.first == "#" { kept.removeLast() } } else { kept += comments }
        comments = []
      } else if isLeftOut {
        if line.first == "#" { comments.append(line) } else { comments = [] }
      }
      if !isLeftOut { kept.append(line) }
    }
    while kept.last?.allSatisfy(\.isWhitespace) == true { kept.removeLast() }
    return kept.joined(separator: "\n") + "\n"
  }

  private static func outermostKey(_ line: Substring) -> String? {
    guard let match = line.prefixMatch(of: /["']?([A-Za-z]\w*)["']?\s*:/) else { return nil }
    return String(match.1)
  }
}
