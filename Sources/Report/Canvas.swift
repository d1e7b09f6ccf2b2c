/// The drawing area of a plot in SVG units.
struct Canvas {
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

  /// The axes with their ticks and captions.
  func frame(_ horizontal: Axis, _ vertical: Axis) -> String {
    var svg = heights(vertical)
    for tick in x.ticks {
      let x = self.horizontal(tick.value)
      svg += SVG.line(x, Self.bottom, x, Self.bottom + 5, "axis")
      svg += SVG.text(tick.label, x, Self.bottom + 19, anchor: "middle")
    }
    svg += SVG.text(horizontal.caption, Self.right, Self.bottom + 38, anchor: "end", label: true)
    return svg
  }

  /// The grid of the vertical axis, and the line below.
  func heights(_ axis: Axis) -> String {
    var svg = ""
    for tick in y.ticks {
      let y = vertical(tick.value)
      svg += SVG.line(Self.left, y, Self.right, y, "grid")
      svg += SVG.text(tick.label, Self.left - 8, y + 4, anchor: "end")
    }
    svg += SVG.line(Self.left, Self.bottom, Self.right, Self.bottom, "axis")
    return svg + SVG.text(axis.caption, Self.left - 8, Self.top - 14, anchor: "start", label: true)
  }

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
