import Catalogues
import StrictYAML
import Testing

private struct Oven: Sendable, Equatable {
  enum Heat: String, CaseIterable, Sendable { case below, around }
  struct Tray: Sendable, Equatable {
    var height = 0.5
    var isFull = false
  }

  var temperature = 0.0
  var heat = Heat.around
  var minutes: Int?
  var tray = Tray()
  var stages: [Tray]?

  static let traySchema = Schema(Tray()) {
    Key("height", \.height, .number(.fraction), "where the tray is")
    Key("full", \.isFull, .flag, "whether it is full")
  }

  static let schema = Schema(Oven()) {
    Key(required: "temperature", \.temperature, .number(Quantity(20...300)), "of the air")
    Key("heat", \.heat, .choice, "where the heat comes from")
    Key("minutes", \.minutes, .integer(1...600), "how long, otherwise until it is done")
      .refused("heat from below has no clock", if: { $0.heat == .below })
    Key("tray", \.tray, traySchema, "the tray")
    Key("stages", \.stages, .list(of: traySchema), "trays to come")
  } check: { oven, section in
    if oven.tray.isFull, oven.temperature > 250 { section.reject("temperature", "too hot for a full tray") }
  }
}

private func read(_ text: String) throws -> Oven {
  try StrictFile(text, path: "oven.yaml").read(keys: Oven.schema.names) { Oven.schema.read($0) }
}

private func mistakes(in text: String) -> [String] {
  do {
    _ = try read(text)
    return []
  } catch {
    return "\(error)".split(separator: "\n").map(String.init)
  }
}

@Suite("Keys that are declared once")
struct SchemaTests {
  @Test("what is left out is as the section starts, what is stated goes where its key says")
  func read() throws {
    #expect(try StrictYAMLTests.read("temperature: 180") == Oven(temperature: 180))
    let all = "temperature: 180\nheat: around\nminutes: 40\ntray: {full: yes}\nstages: [{height: 1}, {}]"
    #expect(
      try StrictYAMLTests.read(all)
        == Oven(
          temperature: 180, heat: .around, minutes: 40, tray: Oven.Tray(height: 0.5, isFull: true),
          stages: [Oven.Tray(height: 1), Oven.Tray()]))
  }

  @Test("every kind of mistake is found with its place, those of the section as a whole among them")
  func mistakes() {
    #expect(StrictYAMLTests.mistakes(in: "heat: around") == ["oven.yaml:1:1: temperature: this key is missing"])
    #expect(
      StrictYAMLTests.mistakes(in: "temperature: 260\nheat: below\nminutes: 5\ntray: {full: true, height: 2}\ntrey: {}")
        == [
          "oven.yaml:1:14: temperature: too hot for a full tray",
          "oven.yaml:3:10: minutes: heat from below has no clock",
          "oven.yaml:4:28: tray.height: 2 is out of range; expected 0 to 1",
          "oven.yaml:5:1: trey: unknown key (did you mean `tray`?); known are temperature, heat, minutes, tray, stages",
        ])
  }

  @Test("the declaration tells names, values, units and defaults")
  func parameters() {
    let parameters = Oven.schema.parameters
    #expect(parameters.map(\.name) == ["temperature", "heat", "minutes", "tray", "stages"])
    #expect(parameters.map(\.isRequired) == [true, false, false, false, false])
    #expect(parameters[0].kind == .number(20...300) && parameters[0].standard == nil)
    #expect(parameters[1].kind == .choice(["below", "around"]) && parameters[1].standard == .text("around"))
    #expect(parameters[2].kind == .integer(1...600) && parameters[2].standard == nil)
    let tray = [
      Parameter("height", .number(0...1), "where the tray is", standard: .number(0.5)),
      Parameter("full", .flag, "whether it is full", standard: .flag(false)),
    ]
    #expect(parameters[3].kind == .object(tray) && parameters[4].kind == .list(of: .object(tray)))
  }

  @Test("what is written is read again as it was, and nothing is written that would be refused")
  func written() throws {
    let oven = Oven(
      temperature: 180.1, heat: .around, minutes: 40, tray: Oven.Tray(height: 1.0 / 3, isFull: true),
      stages: [Oven.Tray(height: 1e-9), Oven.Tray()])
    let text = Oven.schema.written(oven).file
    #expect(try StrictYAMLTests.read(text) == oven)
    #expect(
      text == """
        temperature: 180.1
        heat: around
        minutes: 40
        tray:
          height: 0.3333333333333333
          full: true
        stages:
          - height: 1e-09
            full: false
          - height: 0.5
            full: false

        """)
    let below = Oven(temperature: 100, heat: .below, minutes: 5, stages: [])
    let again = try StrictYAMLTests.read(Oven.schema.written(below).file)
    #expect(again.minutes == nil && again.stages == [] && again.heat == .below)
  }

  @Test(
    "texts survive, whatever is in them",
    arguments: [
      "", "yes", "a: b", "# no comment", "two\nlines\tand \"quotes\" \\", "1e3", " blank ", "\u{1}\u{7F}\u{2028}",
      "µm·°",
      "- x", "~", "&anchor", "path/to.file",
    ])
  func texts(text: String) throws {
    struct Label: Sendable { var text = "none" }
    let schema = Schema(Label()) { Key("text", \.text, .text, "any text") }
    let file = schema.written(Label(text: text)).file
    let read = try StrictFile(file, path: "label.yaml").read(keys: ["text"]) { section in
      section.quietText("text") ?? ""
    }
    #expect(read == text, "\(file)")
  }
}
