import Foundation

/// Curves over a common axis as an SVG drawing. A series keeps its colour and dashes by position, so that plots beside
/// each other agree when their series come in the same order.
public struct LinePlot: Block, Codable, Equatable {
  public struct Series: Sendable, Codable, Equatable {
    public enum Mark: String, Sendable, Codable {
      case line
      /// Each result by itself, as a dot, with a bar of two standard deviations to either side where its deviation is known.
      case dots
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
      y: Scale(y, covering: series.flatMap { $0.points.flatMap(\.extent) }, tickCount: 5))
    let drawn = series.enumerated().map { draw($1, index: $0 % Style.seriesCount, on: canvas) }.joined()
    return """
      <figure>
      <figcaption><strong>\(escaped(title))</strong> \(escaped(summary))</figcaption>
      <svg viewBox="0 0 \(Int(Canvas.width)) \(Int(canvas.height(legendEntries: series.map(\.name))))" role="img" \
      aria-labelledby="\(id)-title \(id)-desc">
      <title id="\(id)-title">\(escaped(title))</title>
      <desc id="\(id)-desc">\(escaped(summary))</desc>
      \(canvas.frame(x, y))\(drawn)\(legend(canvas))</svg>
      </figure>

      """
  }

  private func draw(_ series: Series, index: Int, on canvas: Canvas) -> String {
    switch series.mark {
    case .line:
      return "<path class=\"line s\(index)\" d=\"\(path(series.points, on: canvas))\"/>\n"
    case .level:
      guard let value = series.points.first?.y, y.accepts(value) else { return "" }
      let height = canvas.vertical(value)
      return SVG.line(Canvas.left, height, Canvas.right, height, "line s\(index)")
    case .dots:
      return series.points.filter { x.accepts($0.x) && y.accepts($0.y) }.map { dot($0, index, on: canvas) }.joined()
    case .star:
      return series.points.filter { x.accepts($0.x) && y.accepts($0.y) }
        .map { star(at: (canvas.horizontal($0.x), canvas.vertical($0.y)), index: index) }.joined()
    }
  }

  private func dot(_ point: CurvePoint, _ index: Int, on canvas: Canvas) -> String {
    let (place, ends) = (canvas.horizontal(point.x), point.extent.filter(y.accepts).map(canvas.vertical))
    let bar = ends.count < 2 ? "" : SVG.line(place, ends[0], place, ends[1], "bar s\(index)")
    return bar + SVG.dot(place, canvas.vertical(point.y), "m\(index)")
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
      path +=
        "\(isDrawing ? "L" : "M")\(SVG.number(canvas.horizontal(point.x))) \(SVG.number(canvas.vertical(point.y)))"
      isDrawing = true
    }
    return path
  }

  private func legend(_ canvas: Canvas) -> String {
    var svg = ""
    for (index, place) in canvas.legendPlaces(series.map(\.name)).enumerated() {
      let style = index % Style.seriesCount
      switch series[index].mark {
      case .star: svg += star(at: (place.x + 12, place.y - 4), index: style)
      case .dots: svg += SVG.dot(place.x + 12, place.y - 4, "m\(style)")
      case .line, .level: svg += SVG.line(place.x, place.y - 4, place.x + 24, place.y - 4, "line s\(style)")
      }
      svg += SVG.text(series[index].name, place.x + 32, place.y, anchor: "start", label: true)
    }
    return svg
  }

  private func star(at center: (x: Double, y: Double), index: Int) -> String {
    let corners = (0..<10).map { corner in
      let radius = corner.isMultiple(of: 2) ? 8.0 : 3.4
      let angle = Double(corner) * .pi / 5
      return "\(SVG.number(center.x + radius * sin(angle))),\(SVG.number(center.y - radius * cos(angle)))"
    }
    return "<polygon class=\"m\(index)\" points=\"\(corners.joined(separator: " "))\"/>\n"
  }
}
