import Arrays
import Foundation
import Report
import Testing

/// Protects figures: they come back from JSON as they went, and stand where their numbers say.
@Suite("Figures")
struct FigureTests {
  private static func plot(_ points: [CurvePoint]) -> LinePlot {
    LinePlot("Plot", summary: "s", x: Axis("x"), y: Axis("y"), series: [.init("a", points, mark: .dots)])
  }

  /// The numbers of an attribute in all elements of a name and a class.
  private static func numbers(_ attribute: String, of element: String, _ style: String, in html: String) -> [Double] {
    html.split(separator: "<\(element) class=\"\(style)\"").dropFirst().compactMap { rest in
      rest.split(separator: "\(attribute)=\"").dropFirst().first?.split(separator: "\"").first.flatMap { Double($0) }
    }
  }

  @Test("the bar of a value ends where values two deviations away are drawn")
  func deviations() throws {
    let html = Self.plot([
      CurvePoint(x: 1, y: 5, deviation: 1.5), CurvePoint(x: 2, y: 2), CurvePoint(x: 3, y: 8),
    ]).html(id: "p")
    let heights = Self.numbers("cy", of: "circle", "m0", in: html)
    let ends = [
      try #require(Self.numbers("y1", of: "line", "bar s0", in: html).first),
      try #require(Self.numbers("y2", of: "line", "bar s0", in: html).first),
    ]
    // The last circle is the legend's.
    #expect(ends == Array(heights[1...2]))
    #expect(abs((ends[0] + ends[1]) / 2 - heights[0]) < 0.11)
  }

  @Test("bars stand on zero, and reach as far as their values say")
  func bars() throws {
    let html = BarPlot(
      "Bars", summary: "s", y: Axis("y"), bars: [.init("4", 2), .init("5", -1), .init("6", 0.5)]
    ).html(id: "b")
    let heights = Self.numbers("height", of: "rect", "block", in: html)
    let tops = Self.numbers("y", of: "rect", "block", in: html)
    #expect(heights.count == 3)
    #expect(abs(heights[0] / heights[1] - 2) < 0.01 && abs(heights[0] / heights[2] - 4) < 0.02)
    // The second one hangs from where the others stand.
    #expect(abs(tops[0] + heights[0] - tops[1]) < 0.11 && abs(tops[2] + heights[2] - tops[1]) < 0.11)
  }

  @Test("values that are not numbers are left out, and what cannot be drawn stops nothing")
  func unusable() {
    let html = Self.plot([CurvePoint(x: .nan, y: 1), CurvePoint(x: 1, y: .infinity), CurvePoint(x: 1, y: 1)])
      .html(id: "p")
    #expect(Self.numbers("cx", of: "circle", "m0", in: html).count == 2)
    #expect(!html.contains("nan") && !html.contains("inf"))
    #expect(!BarPlot("Bars", summary: "", y: Axis("y"), bars: []).html(id: "b").contains("nan"))
    let empty = PictureTable(
      "P", summary: "", columns: [.init("c", low: 0, high: 0)],
      rows: [.init("r", [Stack(count: 1, height: 1, width: 1, values: [.nan])])])
    #expect(empty.html(id: "t").contains("data:image/png;base64,"))
  }

  @Test("figures of every kind return from JSON as they were")
  func coding() throws {
    let picture = Stack<Float>(count: 1, height: 2, width: 3, values: [0, 0.5, 1, -1, 2, 3])
    let figures: [Figure] = [
      .curves(Self.plot([CurvePoint(x: 1, y: 2, deviation: 0.1)])),
      .bars(BarPlot("Bars", summary: "s", y: Axis("y", unit: "rad"), bars: [.init("4", 0.2, deviation: 0.01)])),
      .pictures(
        PictureTable(
          "P", summary: "s", columns: [.init("c", unit: "rad", palette: .cyclic, low: 0, high: 6)],
          rows: [.init("r", [picture])])),
    ]
    let coded = try JSONEncoder().encode(figures)
    #expect(try JSONDecoder().decode([Figure].self, from: coded) == figures)
  }

  @Test("words of people are no markup")
  func words() {
    let html = BarPlot("<b>&", summary: "\"", y: Axis("<y>"), bars: [.init("<i>", 1)]).html(id: "b")
    #expect(!html.contains("<b>") && !html.contains("<i>") && !html.contains("<y>"))
  }
}
