import Arrays
import BenchFile
import DriverCatalogue
import Foundation
import StrictYAML
import Testing
import Twin

/// Which command each value of a measured response belongs to.
@Suite("The measured response")
struct ResponseTests {
  private static let twin = """
    geometry: {kind: planes, wavelength: 633e-9, pitch: 10e-6, grid: 32, layers: 1, spacing: 5e-3}
    input: {size: 8, block: 4}
    """

  private func file(_ modulator: String) throws -> BenchFile {
    try BenchFile(yaml: Self.twin + "\nmodulator: {" + modulator + "}\n", path: "b.yaml", drivers: .standard)
  }

  private func list(_ values: [Double]) -> String { "response: [\(values.map { "\($0)" }.joined(separator: ", "))]" }

  /// What a panel of 256 levels shows at each, on average and bent.
  private static let levels = (0..<256).map { 2 * Double.pi * pow(Double($0) / 256, 1.3) }

  private func frames(_ file: BenchFile, _ phases: [Double]) throws -> Stack<Double> {
    let layers = Stack<Double>(count: 1, height: 32, width: 32, values: phases)
    let input = Stack<Double>(count: 1, height: 8, width: 8, repeating: 1)
    return try Twin<Double>(file.twin, parameters: file.parameters).forward(layers: layers, inputs: input)
  }

  @Test("the values of 256 levels are shown at these levels, as if the twin were told the measured phases themselves")
  func oneForEachLevel() throws {
    let random = CounterRandom(seed: 4)
    let chosen = (0..<1024).map { random.integer(below: 256, at: UInt64($0)) }
    let told = try frames(file(list(Self.levels) + ", responseSpan: levels"), chosen.map { Double($0) * 2 * .pi / 256 })
    let ideal = try BenchFile(yaml: Self.twin + "\n", path: "b.yaml", drivers: .standard)
    let expected = try frames(ideal, chosen.map { Self.levels[$0] })
    for (value, right) in zip(told.values, expected.values) { #expect(abs(value - right) < 1e-9 * (1 + right)) }
    // A control: the same list as one of a whole turn shows something else.
    let stretched = try frames(
      file(list(Self.levels) + ", responseSpan: turn"), chosen.map { Double($0) * 2 * .pi / 256 })
    #expect(zip(stretched.values, expected.values).contains { abs($0 - $1) > 1e-3 })
  }

  @Test("the levels of a faultless modulator change nothing, with either end", arguments: [true, false])
  func faultless(withEnd: Bool) throws {
    let values = (0..<(withEnd ? 257 : 256)).map { Double($0) * 2 * .pi / 256 }
    let file = try file(list(values) + (withEnd ? "" : ", responseSpan: levels"))
    let response = try #require(file.twin.modulator.response)
    #expect(response.count == 257)
    for (index, value) in response.enumerated() { #expect(abs(value - Double(index) * 2 * .pi / 256) < 1e-12) }
  }

  @Test(
    "one value for each level is refused with what to add, unless the file says what is meant",
    arguments: [("", 256), ("", 16), ("levels: 217, ", 217)])
  func ambiguous(levels: String, count: Int) throws {
    let values = (0..<count).map { Double($0) * 2 * .pi / Double(count) }
    #expect {
      _ = try file(levels + list(values))
    } throws: { error in
      guard case .mistakes(_, let mistakes)? = error as? ReadingError else { return false }
      return mistakes.contains {
        $0.key == "modulator.response" && $0.message.contains("responseSpan: levels")
          && $0.message.contains("value \(count + 1) (about 6.28318")
      }
    }
    #expect(try file(levels + list(values) + ", responseSpan: turn").twin.modulator.response?.count == count)
    #expect(try file(levels + list(values) + ", responseSpan: levels").twin.modulator.response?.count == count + 1)
  }

  @Test(
    "values in another unit than radians are told with it, over one turn and for each level",
    arguments: [
      (1.0, "turns"), (2.0, "multiples of pi"), (360.0, "degrees"), (255.0, "grey levels"), (1023.0, "grey levels"),
      (65535.0, "grey levels"), (1.2, "turns"), (330.0, "degrees"), (0.1, "response1"), (40.0, "give radians"),
    ])
  func otherUnits(full: Double, says: String) throws {
    for (count, span) in [(5, "turn"), (9, "turn"), (64, "levels")] {
      let values = (0..<count).map { full * Double($0) / Double(span == "levels" ? count : count - 1) }
      for sign in [1.0, -1] {
        #expect {
          _ = try file(list(values.map { sign * $0 + 0.3 }) + ", responseSpan: \(span)")
        } throws: { error in
          guard case .mistakes(_, let mistakes)? = error as? ReadingError else { return false }
          return mistakes.map(\.key) == ["modulator.response"] && mistakes[0].message.contains(says)
        }
      }
    }
  }

  @Test("radians of weak, strong and reversed modulators are taken", arguments: [2.8, 6.28, 9.5, 20, -6.28])
  func radians(full: Double) throws {
    for offset in [0, 3.0, -40] {
      let values = (0..<17).map { full * Double($0) / 16 + offset }
      #expect(try file(list(values)).twin.modulator.response == values)
    }
  }

  @Test("a measured phase that was not unwrapped is told with the value where it jumps")
  func wrapped() throws {
    let wrapped = (0..<11).map { (Double($0) * 0.63 + 2).truncatingRemainder(dividingBy: 2 * .pi) }
    #expect {
      _ = try file(list(wrapped))
    } throws: { error in
      "\(error)".contains("value 8 falls by") && "\(error)".contains("add 6.28319 from this value on")
    }
    #expect(throws: ReadingError.self) { try file(list(wrapped.map { -$0 })) }
  }

  @Test("values of more levels than a turn has are refused, and not advised")
  func excess() throws {
    let values = list((0..<128).map { Double($0) * 2 * .pi / 100 })
    for (span, words) in [("", "add the phase"), (", responseSpan: levels", "the 100 levels of a turn")] {
      #expect {
        _ = try file("levels: 100, " + values + span)
      } throws: { error in
        let text = "\(error)"
        return text.contains(words) && !text.contains("responseSpan: levels")
      }
    }
    #expect(throws: Never.self) { try file("levels: 100, " + values + ", responseSpan: turn") }
  }

  @Test("the levels that the layout states count, too")
  func layout() throws {
    let profile = try String(
      contentsOfFile: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Calibration/Profiles/simulated.yaml").path, encoding: .utf8)
    let values = (0..<217).map { Double($0) * 2 * .pi / 217 }
    let text =
      profile.replacingOccurrences(of: "levelsPerTurn: 256", with: "levelsPerTurn: 217")
      + "\nmodulator: {\(list(values))}\n"
    #expect(throws: ReadingError.self) { try BenchFile(yaml: text, path: "b.yaml", drivers: .standard) }
    #expect(throws: Never.self) {
      try BenchFile(
        yaml: text.replacingOccurrences(of: "levelsPerTurn: 217", with: "levelsPerTurn: 216"), path: "b.yaml",
        drivers: .standard)
    }
  }
}
