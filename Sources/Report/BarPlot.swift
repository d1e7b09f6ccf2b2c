/// Values side by side, each with a bar of two standard deviations to either side, as an SVG drawing.
public struct BarPlot: Block, Codable, Equatable {
  public struct Bar: Sendable, Codable, Equatable {
    public var name: String
    public var value: Double
    /// Nil where it is not known.
    public var deviation: Double?

    public init(_ name: String, _ value: Double, deviation: Double? = nil) {
      (self.name, self.value, self.deviation) = (name, value, deviation)
    }
  }

  public var title: String
  /// What the plot shows, for those who cannot see it.
  public var summary: String
  public var y: Axis
  public var bars: [Bar]

  public init(_ title: String, summary: String, y: Axis, bars: [Bar]) {
    self.title = title
    self.summary = summary
    self.y = y
    self.bars = bars
  }

  public func html(id: String) -> String {
    let extents = bars.flatMap { CurvePoint(x: 0, y: $0.value, deviation: $0.deviation).extent }
    let canvas = Canvas(
      x: Scale(Axis(""), covering: [0, 1], tickCount: 1), y: Scale(y, covering: extents + [0], tickCount: 5))
    let step = (Canvas.right - Canvas.left) / Double(max(1, bars.count))
    let drawn = bars.enumerated().map { index, bar in
      draw(bar, at: Canvas.left + (Double(index) + 0.5) * step, width: 0.6 * step, on: canvas)
    }
    return """
      <figure>
      <figcaption><strong>\(escaped(title))</strong> \(escaped(summary))</figcaption>
      <svg viewBox="0 0 \(Int(Canvas.width)) \(Int(Canvas.bottom + 32))" role="img" \
      aria-labelledby="\(id)-title \(id)-desc">
      <title id="\(id)-title">\(escaped(title))</title>
      <desc id="\(id)-desc">\(escaped(summary))</desc>
      \(canvas.heights(y))\(drawn.joined())</svg>
      </figure>

      """
  }

  private func draw(_ bar: Bar, at center: Double, width: Double, on canvas: Canvas) -> String {
    let name = SVG.text(bar.name, center, Canvas.bottom + 19, anchor: "middle")
    guard y.accepts(bar.value) else { return name }
    let (zero, end) = (canvas.vertical(0), canvas.vertical(bar.value))
    let block = SVG.rectangle(
      center - width / 2, min(zero, end), width: width, height: max(0.5, abs(end - zero)), "block")
    let ends = CurvePoint(x: 0, y: bar.value, deviation: bar.deviation).extent.filter(y.accepts).map(canvas.vertical)
    return block + (ends.count < 2 ? "" : SVG.line(center, ends[0], center, ends[1], "bar s1")) + name
  }
}
