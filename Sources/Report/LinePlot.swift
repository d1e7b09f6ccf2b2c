import Foundation
import ReadableNumbers

/// Curves over a common axis as an SVG drawing. A series keeps its colour and dashes by position, so that plots beside
/// each other agree when their series come in the same order.
public struct LinePlot: Block {
  public struct Series: Sendable {
    public enum Mark: Sendable {
      case line
      /// A single result, drawn as a star at its point.
      case star
      /// A reference value, drawn across the whole plot at the height of the first point.
      case level
    }

    public var name: String
    public var points: [CurvePoint]
    public var mark: Mark

    public init(_ name: String, _ points: [CurvePoint], mark: Mark = .line) {
      self.name = name
      self.points = points
      self.mark = mark
    }
  }

  public var title: String
  /// What the plot shows, for those who cannot see it.
  public var summary: String
  public var x: Axis
  public var y: Axis
  public var series: [Series]

  public init(_ title: String, summary: String, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.summary = summary
    self.x = x
    self.y = y
    self.series = series
  }

  public func html(id: String) -> String {
    let canvas = Canvas(
      x: Scale(x, covering: series.filter { $0.mark != .level }.flatMap { $0.points.map(\.x) }, tickCount: 6),
      y: Scale(y, covering: series.flatMap { $0.points.map(\.y) }, tickCount: 5))
    let drawn = series.enumerated().map { draw($1, index: $0 % Style.seriesCount, on: canvas) }.joined()
    return """
      <figure>
      <figcaption><strong>\(escaped(title))</strong></figcaption>
      <svg viewBox="0 0 \(Int(Canvas.width)) \(Int(canvas.height(legendEntries: series.map(\.name))))" role="img" \
      aria-labelledby="\(id)-title \(id)-desc">
      <title id="\(id)-title">\(escaped(title))</title>
      <desc id="\(id)-desc">\(escaped(summary))</desc>
      \(frame(canvas))\(drawn)\(legend(canvas))</svg>
      </figure>

      """
  }

  private func frame(_ canvas: Canvas) -> String {
    var svg = ""
    for tick in canvas.y.ticks {
      let y = canvas.vertical(tick.value)
      svg += line(Canvas.left, y, Canvas.right, y, "grid")
      svg += text(tick.label, Canvas.left - 8, y + 4, anchor: "end")
    }
    for tick in canvas.x.ticks {
      let x = canvas.horizontal(tick.value)
      svg += line(x, Canvas.bottom, x, Canvas.bottom + 5, "axis")
      svg += text(tick.label, x, Canvas.bottom + 19, anchor: "middle")
    }
    svg += line(Canvas.left, Canvas.bottom, Canvas.right, Canvas.bottom, "axis")
    svg += text(x.caption, Canvas.right, Canvas.bottom + 38, anchor: "end", label: true)
    svg += text(y.caption, Canvas.left - 8, Canvas.top - 14, anchor: "start", label: true)
    return svg
  }

  private func draw(_ series: Series, index: Int, on canvas: Canvas) -> String {
    switch series.mark {
    case .line:
      return "<path class=\"line s\(index)\" d=\"\(path(series.points, on: canvas))\"/>\n"
    case .level:
      guard let value = series.points.first?.y, y.accepts(value) else { return "" }
      let height = canvas.vertical(value)
      return line(Canvas.left, height, Canvas.right, height, "line s\(index)")
    case .star:
      return series.points.filter { x.accepts($0.x) && y.accepts($0.y) }
        .map { star(at: (canvas.horizontal($0.x), canvas.vertical($0.y)), index: index) }.joined()
    }
  }

  /// The curve, interrupted where a value cannot be drawn.
  private func path(_ points: [CurvePoint], on canvas: Canvas) -> String {
    var path = ""
    var isDrawing = false
    for point in points {
      guard x.accepts(point.x), y.accepts(point.y) else {
        isDrawing = false
        continue
      }
      path += "\(isDrawing ? "L" : "M")\(number(canvas.horizontal(point.x))) \(number(canvas.vertical(point.y)))"
      isDrawing = true
    }
    return path
  }

  private func legend(_ canvas: Canvas) -> String {
    var svg = ""
    for (index, place) in canvas.legendPlaces(series.map(\.name)).enumerated() {
      let style = index % Style.seriesCount
      if series[index].mark == .star {
        svg += star(at: (place.x + 12, place.y - 4), index: style)
      } else {
        svg += line(place.x, place.y - 4, place.x + 24, place.y - 4, "line s\(style)")
      }
      svg += text(series[index].name, place.x + 32, place.y, anchor: "start", label: true)
    }
    return svg
  }

  private func star(at center: (x: Double, y: Double), index: Int) -> String {
    let corners = (0..<10).map { corner in
      let radius = corner.isMultiple(of: 2) ? 8.0 : 3.4
      let angle = Double(corner) * .pi / 5
      return "\(number(center.x + radius * sin(angle))),\(number(center.y - radius * cos(angle)))"
    }
    return "<polygon class=\"m\(index)\" points=\"\(corners.joined(separator: " "))\"/>\n"
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>\n"
  }

  private func text(_ text: String, _ x: Double, _ y: Double, anchor: String, label: Bool = false) -> String {
    "<text\(label ? " class=\"label\"" : "") x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">"
      + "\(escaped(text))</text>\n"
  }

  private func number(_ coordinate: Double) -> String { ReadableNumbers.number(coordinate, decimals: 1) }
}

/// The drawing area of a plot in SVG units.
private struct Canvas {
  static let width = 560.0
  static let left = 58.0
  static let right = 548.0
  static let top = 34.0
  static let bottom = 290.0
  private static let legendTop = bottom + 64
  private static let lineHeight = 20.0

  let x: Scale
  let y: Scale

  func horizontal(_ value: Double) -> Double { Self.left + (Self.right - Self.left) * x.position(value) }
  func vertical(_ value: Double) -> Double { Self.bottom - (Self.bottom - Self.top) * y.position(value) }

  /// Baseline starts of the legend's entries, broken into lines by their estimated widths.
  func legendPlaces(_ names: [String]) -> [(x: Double, y: Double)] {
    var place = (x: Self.left, y: Self.legendTop)
    return names.map { name in
      let width = 32 + 7.8 * Double(name.count) + 18
      if place.x > Self.left, place.x + width > Self.width { place = (Self.left, place.y + Self.lineHeight) }
      defer { place.x += width }
      return place
    }
  }

  func height(legendEntries names: [String]) -> Double { (legendPlaces(names).last?.y ?? Self.bottom + 40) + 8 }
}
