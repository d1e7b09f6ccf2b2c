import Foundation

/// What the samples of a patch see of a layer that is turned or magnified: the field on the layer's own samples, between
/// them that of the polynomial through the six nearest along each axis.
struct LayerResampling: Sendable {
  /// Samples of the layer beyond the patch that are seen, along each side.
  let border: Int
  private let patchSide: Int
  /// The patch's first sample and the first one of the layer, in metres, and the distance between two.
  private let first: Double
  private let step: Double
  private let shift: SIMD2<Double>
  /// Metres on the layer along x and y for a metre along x.
  private let turn: SIMD2<Double>

  /// - Returns: nil for a layer that is seen as it is.
  init?(_ placement: LayerPlacement, _ grid: PlantGrid) {
    shift = grid.split(placement.shift).view
    guard placement.isTurned || shift != .zero else { return nil }
    turn = SIMD2(cos(placement.rotation), -sin(placement.rotation)) / placement.scale
    (patchSide, step) = (grid.patchSide, grid.step)
    first = grid.position(grid.patch.lowerBound)
    let edges = [first, grid.position(grid.patch.upperBound - 1)]
    var furthest = 0.0
    // The map is affine: what lies furthest out is a corner.
    for y in edges {
      for x in edges {
        let seen = LayerResampling.point(SIMD2(x, y) - shift, turn)
        furthest = max(furthest, abs(seen.x), abs(seen.y))
      }
    }
    let half = min(abs(edges[0]), abs(edges[1]))
    border = Int((max(0, furthest - half) / step).rounded(.up)) + 4
  }

  private static func point(_ r: SIMD2<Double>, _ turn: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(turn.x * r.x - turn.y * r.y, turn.y * r.x + turn.x * r.y)
  }

  /// The field on the patch's `[patchSide, patchSide]` samples, from that on the layer's with the border around.
  func callAsFunction(_ layer: [Complex]) -> [Complex] {
    let side = patchSide + 2 * border
    var field = [Complex](repeating: .zero, count: patchSide * patchSide)
    layer.withUnsafeBufferPointer { layer in
      for y in 0..<patchSide {
        for x in 0..<patchSide {
          let place = SIMD2(first + Double(x) * step, first + Double(y) * step)
          let seen = (LayerResampling.point(place - shift, turn) - first) / step + Double(border)
          let (left, alongX) = LayerResampling.weights(seen.x)
          let (top, alongY) = LayerResampling.weights(seen.y)
          var sum = Complex.zero
          for j in 0..<6 {
            var line = Complex.zero
            for i in 0..<6 { line += alongX[i] * layer[(top + j) * side + left + i] }
            sum += alongY[j] * line
          }
          field[y * patchSide + x] = sum
        }
      }
    }
    return field
  }

  /// The first of the six samples around a place, and Lagrange's weights of them.
  private static func weights(_ place: Double) -> (first: Int, weights: SIMD8<Double>) {
    let floor = place.rounded(.down)
    let f = place - floor
    let (a, b, c, d, e, g) = (f + 2, f + 1, f, f - 1, f - 2, f - 3)
    return (
      Int(floor) - 2,
      SIMD8(
        -b * c * d * e * g / 120, a * c * d * e * g / 24, -a * b * d * e * g / 12, a * b * c * e * g / 12,
        -a * b * c * d * g / 24, a * b * c * d * e / 120, 0, 0)
    )
  }
}
