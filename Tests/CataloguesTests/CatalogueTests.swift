import Catalogues
import Testing

/// That a name finds its member, that one from outside is found in the same way, and that a wrong name helps.
@Suite struct CatalogueTests {
  private struct Lamp: Sendable, Equatable {
    var name: String
    var power = 1
  }

  private let lamps = Catalogue("lamp", [Lamp(name: "sodium"), Lamp(name: "neon")]) {
    Declaration($0.name, "a lamp", parameters: [Parameter("power", .integer(1...9), "its power", unit: "watts")])
  }

  @Test("names and declarations come in the order of the list")
  func order() {
    #expect(lamps.names == ["sodium", "neon"])
    #expect(lamps.declarations.map(\.name) == lamps.names)
  }

  @Test("a member from outside is found like the others, and replaces one of its name")
  func adding() throws {
    let more = lamps.adding(Lamp(name: "xenon")).adding(Lamp(name: "neon", power: 5))
    #expect(more.names == ["sodium", "neon", "xenon"])
    #expect(try more.member(named: "neon").power == 5)
    #expect(throws: UnknownName.self) { try lamps.member(named: "xenon") }
  }

  @Test("an unknown name is answered with the nearest one and all others; a long one is cut")
  func unknown() {
    #expect {
      try lamps.member(named: "nein")
    } throws: {
      "\($0)" == "there is no lamp \"nein\" (did you mean neon?); there are sodium, neon"
    }
    let long = UnknownName(String(repeating: "x", count: 5000), noun: "lamp", known: ["neon"])
    #expect("\(long)".count < 200)
  }
}
