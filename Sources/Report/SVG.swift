import ReadableNumbers

/// Elements of a drawing, with the classes of ``Style``.
enum SVG {
  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>\n"
  }

  static func dot(_ x: Double, _ y: Double, _ style: String) -> String {
    "<circle class=\"\(style)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3\"/>\n"
  }

  static func rectangle(_ x: Double, _ y: Double, width: Double, height: Double, _ style: String) -> String {
    "<rect class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\"/>\n"
  }

  static func text(_ text: String, _ x: Double, _ y: Double, anchor: String, label: Bool = false) -> String {
    "<text\(label ? " class=\"label\"" : "") x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">"
      + "\(escaped(text))</text>\n"
  }

  static func number(_ coordinate: Double) -> String { ReadableNumbers.number(coordinate, decimals: 1) }
}
