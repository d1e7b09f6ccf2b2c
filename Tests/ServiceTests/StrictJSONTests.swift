import BenchAPI
import Foundation
import Testing

/// JSON from clients is that of RFC 8259 and nothing that a decoder may forgive.
@Suite struct StrictJSONTests {
  @Test(
    "what RFC 8259 allows is read",
    arguments: [
      "{}", "[]", " [ ] ", "0", "-0", "1.5e-3", "1E+2", "true", "false", "null", #""""#, #""a\"\\\/\b\f\n\r\t\u00e9ß""#,
      #"{"a": [1, {"b": null}], "c": ""}"#, "\r\n\t {\"a\":1}\n",
    ])
  func valid(text: String) { #expect(throws: Never.self) { try StrictJSON.check(Array(text.utf8)) } }

  @Test(
    "everything else is refused with the place",
    arguments: [
      "", " ", "{", "}", "[", "[1,]", #"{"a":1,}"#, "[,1]", "[1 2]", #"{"a" 1}"#, "{a:1}", "{'a':1}", "01", "+1", "1.",
      ".5",
      "1e", "-", "tru", "True", "NaN", "Infinity", #""a"#, #""\x""#, #""\u12g4""#, "\"\t\"", "\"\u{0}\"", "1 2", "{} x",
      "/* */ 1", #"{"a":1,"a":2}"#, "\u{FEFF}1",
    ])
  func invalid(text: String) {
    #expect(throws: StrictJSON.Mistake.self, "\(text)") { try StrictJSON.check(Array(text.utf8)) }
  }

  @Test("text that is no UTF-8, nested too deep or of too many values is refused")
  func bounds() {
    #expect(throws: StrictJSON.Mistake.self) { try StrictJSON.check([0x22, 0xFF, 0x22]) }
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    #expect(throws: Never.self) { try StrictJSON.check(nested(StrictJSON.depthLimit)) }
    #expect(throws: StrictJSON.Mistake.self) { try StrictJSON.check(nested(StrictJSON.depthLimit + 1)) }
    #expect(throws: StrictJSON.Mistake.self) { try StrictJSON.check(nested(500_000)) }
    let many = "[" + String(repeating: "0,", count: StrictJSON.valueLimit) + "0]"
    #expect(throws: StrictJSON.Mistake.self) { try StrictJSON.check(Array(many.utf8)) }
  }

  @Test("what is accepted is what Foundation reads, too")
  func foundation() throws {
    var generator = SystemRandomNumberGenerator()
    let letters = Array(#"{}[]:,"\0123456789.eE+-truefalsn au"#.utf8)
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...12, using: &generator)).compactMap { _ in
        letters.randomElement(using: &generator)
      }
      guard (try? StrictJSON.check(text)) != nil else { continue }
      // A half of a surrogate pair and a number beyond any double are well formed and mean nothing.
      guard !text.contains(UInt8(ascii: "\\")), !text.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) else {
        continue
      }
      #expect(throws: Never.self, "\(String(decoding: text, as: UTF8.self))") {
        try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
      }
    }
  }

  @Test("lists show long parameters cut short, and short ones as they are")
  func abridged() throws {
    let long = JSONValue.object([
      "dataset": .string("npy:" + String(repeating: "ä", count: 500_000)),
      "classes": .array((0..<100_000).map { .integer($0) }),
      "deep": .array([.array([.array([.integer(1)])])]),
    ])
    #expect(try APICoding.encode(long.abridged()).count < 2048)
    let short = JSONValue.object([
      "mode": .string("online"), "classes": .array([.integer(0), .integer(3)]), "seed": .integer(7), "x": .null,
    ])
    #expect(short.abridged() == short)
  }
}
