import Arrays
import Glibc

extension DatasetFormat {
  /// The stroke figures made in code.
  public static let glyphs = DatasetFormat("glyphs", "figures of a few strokes, made in code") { _, request in
    try Glyph.dataset(request)
  }
}

/// The classes of the embedded data set: figures of a few strokes, bright on dark, drawn with random shape, width, position,
/// turn and slant. In its statistics it is like handwritten digits, and nothing needs to be downloaded for it.
public enum Glyph: UInt8, Sendable, CaseIterable {
  case ring, bar, zigzag, cross, triangle, square, arc, tee, corner, wedge, spiral, arrow

  /// Glyphs of the wanted classes, equally many of each: 12,000 for training, 2,000 for tests and 14,000 for both unless a
  /// count is given.
  ///
  /// - Throws: ``DatasetError`` for an unknown class or a size outside 8…512.
  static func dataset(_ request: DatasetRequest) throws -> ImageDataset {
    let (classes, size, split) = (request.classes, request.size, request.split)
    guard (8...512).contains(size) else {
      throw DatasetError.argument(name: "glyph size", found: "\(size)", expected: "a number of pixels from 8 to 512")
    }
    let glyphs = try (classes ?? allCases.map { Int($0.rawValue) }).map { number in
      guard let glyph = UInt8(exactly: number).flatMap(Glyph.init(rawValue:)) else {
        throw DatasetError.dataset(
          name: "glyphs", place: "classes", expected: "numbers from 0 to \(allCases.count - 1), found \(number)")
      }
      return glyph
    }
    guard !glyphs.isEmpty else {
      throw DatasetError.dataset(name: "glyphs", place: "classes", expected: "at least one class, found none")
    }
    let count = request.count ?? (split == .train ? 12_000 : split == .test ? 2_000 : 14_000)
    var images = Stack<Float>(count: count, height: size, width: size)
    var labels: [UInt8] = []
    for index in 0..<count {
      let glyph = glyphs[index % glyphs.count]
      let strokes = glyph.strokes(random: request.random.child(UInt64(index)), size: Double(size))
      strokes.draw(into: &images, plane: index)
      labels.append(glyph.rawValue)
    }
    return ImageDataset(name: "glyphs", images: images, labels: labels)
  }

  /// The lines of the figure in a square from −1 to 1, y down.
  private var lines: [[SIMD2<Double>]] {
    switch self {
    case .ring: [Self.curve(turns: 1, from: 0) { _ in 0.95 }]
    case .bar: [[[0, -1], [0, 1]]]
    case .zigzag: [[[-0.8, -0.9], [0.8, -0.9], [-0.8, 0.9], [0.8, 0.9]]]
    case .cross: [[[-1, 0], [1, 0]], [[0, -1], [0, 1]]]
    case .triangle: [[[0, -1], [0.95, 0.8], [-0.95, 0.8], [0, -1]]]
    case .square: [[[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85], [-0.85, -0.85]]]
    case .arc: [Self.curve(turns: 0.66, from: 0.17) { _ in 0.95 }]
    case .tee: [[[-0.9, -0.9], [0.9, -0.9]], [[0, -0.9], [0, 1]]]
    case .corner: [[[-0.65, -1], [-0.65, 0.9], [0.75, 0.9]]]
    case .wedge: [[[-0.85, -0.95], [0, 0.95], [0.85, -0.95]]]
    case .spiral: [Self.curve(turns: 1.4, from: 0.35) { 0.05 + 1.0 * $0 }]
    case .arrow: [[[-1, 0], [1, 0]], [[0.2, -0.75], [1, 0], [0.2, 0.75]]]
    }
  }

  /// A curve of 32 pieces around the centre, `radius` as a function of the part that is drawn.
  private static func curve(turns: Double, from start: Double, radius: (Double) -> Double) -> [SIMD2<Double>] {
    (0...32).map { index in
      let part = Double(index) / 32
      let angle = 2 * .pi * (start + turns * part)
      return radius(part) * SIMD2(cos(angle), sin(angle))
    }
  }

  /// The figure as drawn by one random hand, in pixels.
  private func strokes(random: CounterRandom, size: Double) -> Strokes {
    func draw(_ position: UInt64, _ range: ClosedRange<Double>) -> Double { random.uniform(in: range, at: position) }
    let (turn, slant) = (draw(0, -0.2...0.2), draw(1, -0.25...0.25))
    let scale = SIMD2(draw(2, 0.22...0.32), draw(3, 0.25...0.35)) * size
    let centre = SIMD2(draw(4, 0.46...0.54), draw(5, 0.46...0.54)) * size
    let bend = SIMD2(draw(6, -0.12...0.12), draw(7, -0.12...0.12))
    let place = { (point: SIMD2<Double>) in
      let bent = point + bend * (SIMD2(point.y, point.x) * SIMD2(point.y, point.x) - 0.5)
      let scaled = bent * scale
      let slanted = SIMD2(scaled.x - slant * scaled.y, scaled.y)
      return centre
        + SIMD2(cos(turn) * slanted.x - sin(turn) * slanted.y, sin(turn) * slanted.x + cos(turn) * slanted.y)
    }
    return Strokes(lines: lines.map { $0.map(place) }, halfWidth: draw(8, 0.045...0.07) * size)
  }
}

/// Round strokes along lines, in pixels.
private struct Strokes {
  var lines: [[SIMD2<Double>]]
  var halfWidth: Double

  /// Draws with an edge that is one pixel soft.
  func draw(into images: inout Stack<Float>, plane: Int) {
    let segments = lines.flatMap { line in zip(line, line.dropFirst()).map { (start: $0, along: $1 - $0) } }
    for y in 0..<images.height {
      for x in 0..<images.width {
        let centre = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
        var nearest = Double.infinity
        for segment in segments {
          let offset = centre - segment.start
          let part = (offset * segment.along).sum() / max((segment.along * segment.along).sum(), 1e-12)
          let away = offset - min(max(part, 0), 1) * segment.along
          nearest = min(nearest, (away * away).sum())
        }
        images[plane, y, x] = Float(min(max(halfWidth + 0.5 - nearest.squareRoot(), 0), 1))
      }
    }
  }
}
