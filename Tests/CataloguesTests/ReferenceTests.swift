import Catalogues
import Foundation
import Testing

/// Parameters of every kind.
private let parameters = [
  Parameter("seed", .integer(0...Int.max), "of random numbers", standard: .integer(1)),
  Parameter("pitch", .number(1e-7...1e-3), "between samples", unit: "m", isRequired: true),
  Parameter("engine", .choice(["fast", "exact"]), "what computes", standard: .text("fast")),
  Parameter("on", .flag, "whether it runs", standard: .flag(false)),
  Parameter("name", .text, "what it is called, otherwise nothing"),
  Parameter("levels", .list(of: .number(-1...1)), "one for each", standard: .list([.number(0.5), .number(-1e-9)])),
  Parameter(
    "panel", .object([Parameter("width", .integer(1...16384), "in pixels", isRequired: true)]), "where it is shown"),
  Parameter("points", .list(of: .object([Parameter("x", .integer(0...9), "column")])), "where layers are"),
  Parameter("settings", .object([]), "what the driver takes"),
]

@Suite("What is declared, for people and programs")
struct ReferenceTests {
  @Test("a table has a row for each parameter, those of sections under their section, and says what must be given")
  func markdown() {
    let expected = """
      | key | unit | default | values | meaning |
      |---|---|---|---|---|
      | `seed` | | 1 | 0 and up | of random numbers |
      | `pitch` | m | required | 1e-7 … 0.001 | between samples |
      | `engine` | | fast | `fast`, `exact` | what computes |
      | `on` | | false | `true`, `false` | whether it runs |
      | `name` | | | | what it is called, otherwise nothing |
      | `levels` | | [0.5, -1e-9] | list of -1 … 1 | one for each |
      | `panel` | | | section | where it is shown |
      | `panel.width` | | required | 1 … 16384 | in pixels |
      | `points` | | | list of sections | where layers are |
      | `points[].x` | | | 0 … 9 | column |
      | `settings` | | | section | what the driver takes |
      """
    #expect(ParameterTable(parameters).markdown == expected)
  }

  @Test("in a terminal the columns are aligned, the meaning is the last, and no line ends with blanks")
  func text() {
    let lines = ParameterTable(parameters).text.split(separator: "\n")
    #expect(lines.count == 12)
    let places = Set(
      zip(lines, ["meaning"] + parameters.prefix(6).map(\.summary)).map { line, words in
        line.distance(
          from: line.startIndex, to: line.range(of: words, options: .backwards)?.lowerBound ?? line.endIndex)
      })
    #expect(places.count == 1)
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  /// The schema as another program sees it.
  private func schema() throws -> [String: Any] {
    let data = try JSONEncoder().encode(JSONSchema(parameters))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("JSON Schema says types, bounds, words, units, defaults and what must be given, in its own words")
  func jsonSchema() throws {
    let schema = try schema()
    #expect(schema["type"] as? String == "object" && schema["required"] as? [String] == ["pitch"])
    #expect(schema["additionalProperties"] as? Bool == false)
    let properties = try #require(schema["properties"] as? [String: [String: Any]])
    #expect(Set(properties.keys) == Set(parameters.map(\.name)))
    let pitch = try #require(properties["pitch"])
    #expect(pitch["type"] as? String == "number" && pitch["minimum"] as? Double == 1e-7)
    #expect(pitch["x-unit"] as? String == "m" && pitch["description"] as? String == "between samples")
    #expect(properties["seed"]?["default"] as? Int == 1 && properties["seed"]?["maximum"] == nil)
    #expect(properties["engine"]?["enum"] as? [String] == ["fast", "exact"])
    #expect(properties["on"]?["type"] as? String == "boolean" && properties["on"]?["default"] as? Bool == false)
    #expect(properties["levels"]?["default"] as? [Double] == [0.5, -1e-9])
    #expect((properties["levels"]?["items"] as? [String: Any])?["type"] as? String == "number")
    let panel = try #require(properties["panel"]?["properties"] as? [String: [String: Any]])
    #expect(panel["width"]?["maximum"] as? Int == 16384 && properties["panel"]?["required"] as? [String] == ["width"])
  }

  @Test("a section without declared parameters takes any")
  func anything() throws {
    let properties = try #require(try schema()["properties"] as? [String: [String: Any]])
    #expect(properties["settings"]?["type"] as? String == "object")
    #expect(properties["settings"]?["additionalProperties"] == nil)
  }
}
