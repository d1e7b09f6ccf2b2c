import BenchAPI
import Catalogues
import Foundation
import Testing

/// One declaration is what a request is checked by, what fills in defaults, and what the schema of `/v1/kinds` says.
@Suite struct ParameterTests {
  private static let declaration = Declaration(
    "lamp", "A lamp",
    parameters: [
      Parameter("power", .integer(1...9), "how bright", unit: "W", standard: .integer(3)),
      Parameter("colour", .choice(["red", "green"]), "of the light", isRequired: true),
      Parameter("gains", .list(of: .number(0...2)), "of each channel"),
      Parameter("base", .object([Parameter("heavy", .flag, "whether it stands")]), "what it stands on"),
    ])

  private static func json(_ text: String) throws -> JSONValue {
    try APICoding.decode(JSONValue.self, from: Data(text.utf8))
  }

  @Test(
    "accepts what the declaration allows, null for what may be left out included",
    arguments: [
      #"{"colour": "red"}"#, #"{"colour": "green", "power": 9, "gains": [0, 1.5, 2]}"#,
      #"{"colour": "red", "power": null, "gains": []}"#, #"{"colour": "red", "base": {"heavy": true}}"#,
    ])
  func accepted(_ text: String) throws { try Self.declaration.check(Self.json(text)) }

  @Test(
    "names the parameter that is wrong, what it may be, and the nearest word",
    arguments: [
      ("[]", Cause.parameterInvalid, "not a JSON object"), ("{}", .parameterInvalid, "colour: it is missing"),
      (#"{"colour": "red", "power": 10}"#, .parameterInvalid, "power: 10 is not in 1…9"),
      (#"{"colour": "red", "power": 2.5}"#, .parameterInvalid, "power: a whole number is expected"),
      (
        #"{"colour": "gren"}"#, .parameterUnknownName,
        "there is no colour \"gren\" (did you mean green?); there are red, green"
      ),
      (#"{"colour": null}"#, .parameterInvalid, "colour: it is missing"),
      (#"{"colour": "red", "gains": [1, 3]}"#, .parameterInvalid, "gains[1]: 3 is not in 0…2"),
      (#"{"colour": "red", "base": {"heavy": 1}}"#, .parameterInvalid, "base.heavy: true or false"),
      (#"{"colour": "red", "base": {"hevy": true}}"#, .parameterUnknown, "base.hevy: unknown; there are heavy"),
      (#"{"colour": "red", "powr": 1}"#, .parameterUnknown, "powr: unknown; there are power, colour"),
    ])
  func refused(_ text: String, cause: Cause, words: String) throws {
    let mistake = #expect(throws: ParameterMistake.self) { try Self.declaration.check(Self.json(text)) }
    #expect(mistake?.cause == cause)
    #expect(mistake.map { "\($0)".contains(words) } == true, "\(mistake.map { "\($0)" } ?? "")")
  }

  @Test("what is left out, or null, gets its default; what is given stays")
  func defaults() throws {
    #expect(
      try Self.declaration.completing(Self.json(#"{"colour": "red"}"#)) == Self.json(#"{"colour": "red", "power": 3}"#))
    let whole = try Self.json(#"{"colour": "red", "power": 1}"#)
    #expect(Self.declaration.completing(whole) == whole)
  }

  @Test("the schema is the one of JSON Schema, with unit and default; a member without parameters takes none")
  func schema() throws {
    let expected = #"""
      {"type": "object", "required": ["colour"], "additionalProperties": false, "properties": {
        "power": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how bright", "x-unit": "W",
          "default": 3},
        "colour": {"type": "string", "enum": ["red", "green"], "description": "of the light"},
        "gains": {"type": "array", "items": {"type": "number", "minimum": 0.5, "maximum": 2.5},
          "description": "of each channel"},
        "base": {"type": "object", "additionalProperties": false, "properties": {
          "heavy": {"type": "boolean", "description": "whether it stands"}}, "description": "what it stands on"}
      }}
      """#
    var declaration = Self.declaration
    declaration.parameters[2] = Parameter("gains", .list(of: .number(0.5...2.5)), "of each channel")
    #expect(try declaration.schema() == Self.json(expected))
    let nothing = #"{"type": "object", "properties": {}, "additionalProperties": false}"#
    #expect(try Declaration("sun", "The sun").schema() == Self.json(nothing))
  }
}
