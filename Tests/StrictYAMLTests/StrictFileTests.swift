import StrictYAML
import Testing

/// A file of a kind that this library knows nothing of: what a cake is made from.
private struct Cake: Equatable {
  var flour: Double
  var eggs: Int
  var hasIcing: Bool
  var layers: [Double]

  init?(_ file: Section) {
    let dough = file.section("dough", keys: ["flour", "eggs"])
    let flour = dough?.number("flour", Quantity(0.01...10, unit: "metres", prefixes: [-3]))
    let eggs = dough?.integer("eggs", 0...12, default: 2)
    let layers = file.sections("layers", keys: ["height"])?.map { $0.number("height", Quantity(0...1)) }
    let icing = file.flag("icing", default: false)
    guard let flour, let eggs, let icing, let layers, !layers.contains(nil) else { return nil }
    (self.flour, self.eggs, hasIcing, self.layers) = (flour, eggs, icing, layers.compactMap(\.self))
  }
}

private let keys = ["dough", "icing", "layers"]

private func mistakes(in text: String) -> [Mistake] {
  do {
    _ = try StrictFile(text, path: "cake.yaml").read(keys: keys) { Cake($0) }
    return []
  } catch ReadingError.mistakes(_, let mistakes) {
    return mistakes
  } catch {
    Issue.record("\(error)")
    return []
  }
}

@Suite("A strict file of any kind")
struct StrictFileTests {
  @Test("a file without mistakes is what it says, with defaults for what it leaves out")
  func right() throws {
    let text = """
      dough: {flour: 0.5}
      icing: yes
      layers:
        - height: 0.25
        - {height: 1}
      """
    let cake = try StrictFile(text, path: "cake.yaml").read(keys: keys) { Cake($0) }
    #expect(cake.flour == 0.5 && cake.eggs == 2 && cake.hasIcing && cake.layers == [0.25, 1])
  }

  @Test("all mistakes are reported at once, in the order of the file, with line, column and whole key")
  func places() {
    let text = """
      icing: perhaps
      dough:
        eggs: 13
        flour: 500mm
        suger: 1
      layers:
        - height: 0.25
        - height: tall
      """
    #expect(
      mistakes(in: text).map(\.description) == [
        "1:8: icing: expected true or false, found \"perhaps\"",
        "3:9: dough.eggs: 13 is out of range; expected 0 to 12",
        "4:10: dough.flour: expected a number, found \"500mm\": units are not written; give 500e-3, in metres",
        "5:3: dough.suger: unknown key; known are flour, eggs",
        "8:13: layers[1].height: expected a number, found \"tall\"",
      ])
  }

  @Test("what is missing is a mistake of the section that lacks it")
  func missing() {
    #expect(
      mistakes(in: "dough:\n  eggs: 1\n").map(\.description) == [
        "1:1: layers: this key is missing", "2:3: dough.flour: this key is missing",
      ])
  }

  @Test("every occurrence of a repeated key is checked, and repeating it is a mistake itself")
  func repeated() {
    let text = "dough: {flour: 1}\nlayers: []\ndough: {flour: 1, eggs: none}\n"
    let found = mistakes(in: text)
    #expect(found.map(\.line) == [3, 3] && found.map(\.key) == ["dough", "dough.eggs"], "\(found)")
  }

  @Test("what is no YAML is an error of its own, with the place")
  func syntax() {
    #expect {
      try StrictFile("dough: [1", path: "cake.yaml")
    } throws: { error in
      guard case .syntax("cake.yaml", let line, _, _)? = error as? ReadingError else { return false }
      return (1...2).contains(line)
    }
  }

  @Test("a mistake that the file shows only as a whole is placed at the value, or at the section that lacks it")
  func whole() throws {
    let file = try StrictFile("dough:\n  flour: 3\n", path: "cake.yaml")
    #expect(file.mistake(at: "dough.flour", "too much").description == "2:10: dough.flour: too much")
    #expect(file.mistake(at: "dough.eggs", "none").description == "2:3: dough.eggs: none")
  }

  @Test("a file that is not there is named with what it should be")
  func unreadable() {
    #expect(
      throws: ReadingError.unreadable(path: "/nowhere/cake", reason: "cannot be read; expected a recipe in YAML")
    ) {
      try StrictFile(contentsOf: "/nowhere/cake", kind: "a recipe")
    }
  }
}
