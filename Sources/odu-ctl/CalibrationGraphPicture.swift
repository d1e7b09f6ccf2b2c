import ReadableNumbers
import Report

/// A graph of calibrations as SVG: what builds on something stands to the right of it.
struct CalibrationGraphPicture {
  private let graph: CalibrationGraph

  init(_ graph: CalibrationGraph) { self.graph = graph }

  private static let box = (width: 150.0, height: 48.0)
  private static let gap = (x: 60.0, y: 22.0)
  private static let margin = 20.0

  var svg: String {
    let places = self.places
    let width = (places.values.map(\.x).max() ?? 0) + Self.box.width + Self.margin
    let height = (places.values.map(\.y).max() ?? 0) + Self.box.height + Self.margin
    let arrows = graph.nodes.flatMap { node in
      node.parents.compactMap { parent in
        places[parent].flatMap { from in places[node.kind].map { arrow(from: from, to: $0) } }
      }
    }
    let boxes = graph.nodes.compactMap { node in places[node.kind].map { box(node, at: $0) } }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" width="\(Int(width))" \
      height="\(Int(height))" font-family="sans-serif" font-size="13">
      <title>Calibrations in force, and what they build on</title>
      <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
      <path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>
      <rect width="100%" height="100%" fill="#fff"/>
      \((arrows + boxes).joined(separator: "\n"))
      </svg>

      """
  }

  /// The top-left corner of each box, one column for each depth.
  private var places: [String: (x: Double, y: Double)] {
    var used: [Int: Int] = [:]
    var places: [String: (x: Double, y: Double)] = [:]
    for node in graph.nodes {
      let row = used[node.depth, default: 0]
      used[node.depth] = row + 1
      places[node.kind] = (
        Self.margin + Double(node.depth) * (Self.box.width + Self.gap.x),
        Self.margin + Double(row) * (Self.box.height + Self.gap.y)
      )
    }
    return places
  }

  private func arrow(from: (x: Double, y: Double), to: (x: Double, y: Double)) -> String {
    let (startX, startY) = (from.x + Self.box.width, from.y + Self.box.height / 2)
    let (endX, endY) = (to.x, to.y + Self.box.height / 2)
    let bend = (endX - startX) / 2
    return "<path d=\"M\(startX) \(startY)C\(startX + bend) \(startY) \(endX - bend) \(endY) \(endX) \(endY)\" "
      + "fill=\"none\" stroke=\"#667\" marker-end=\"url(#tip)\"/>"
  }

  private func box(_ node: CalibrationGraph.Node, at place: (x: Double, y: Double)) -> String {
    let (fill, line) =
      node.id == nil ? ("#f4f4f6", "#bbc") : node.reason == nil ? ("#e6f4ea", "#2e7d4f") : ("#fdf0dd", "#b26a00")
    let second = node.id == nil ? "not calibrated" : node.reason == nil ? node.age.map(duration) ?? "" : "stale"
    return """
      <g><title>\(escaped(node.standing))</title>\
      <rect x="\(place.x)" y="\(place.y)" width="\(Self.box.width)" height="\(Self.box.height)" rx="6" fill="\(fill)" \
      stroke="\(line)"\(node.id == nil ? " stroke-dasharray=\"4 3\"" : "")/>\
      <text x="\(place.x + 10)" y="\(place.y + 20)" font-weight="600">\(escaped(node.kind)) \
      <tspan font-weight="400" fill="#667">\(escaped(node.id ?? ""))</tspan></text>\
      <text x="\(place.x + 10)" y="\(place.y + 38)" fill="#445">\(escaped(second))</text></g>
      """
  }
}
