import Foundation

/// Which pixels each plant sample of a layer's patch sees, and the part of the sample that each one's middle fills.
struct PixelFootprints: Sendable {
  /// Pixels in view along each axis, and along each side of the panel's part that holds them.
  private let reach: Int
  private let side: Int
  /// The first pixel of each sample, and the parts along x and then y.
  private let first: [Int32]
  private let parts: [Double]

  init(_ panel: ImperfectPanel, _ placement: LayerPlacement, _ grid: PlantGrid, margin: Int) {
    reach = Int(panel.width.rounded(.up)) + 1
    side = panel.side + 2 * margin
    let places = grid.patch.map(grid.position)
    let view = PanelView(panel, placement)
    let last = Double(max(0, side - reach))
    var (first, parts): ([Int32], [Double]) = ([], [])
    first.reserveCapacity(places.count * places.count)
    parts.reserveCapacity(places.count * places.count * 2 * reach)
    for placeY in places {
      for placeX in places {
        let seen = view.pixel(at: placeX, placeY)
        var start = 0
        for (middle, stride) in [(seen.x + Double(margin), 1), (seen.y + Double(margin), side)] {
          // Clamped: no placement reads beyond the pixels, not even one that is no number.
          let pixel = Int(min(max(0, (middle - panel.width / 2).rounded(.down)), last))
          start += pixel * stride
          for index in 0..<reach { parts.append(panel.part(of: pixel + index, around: middle)) }
        }
        first.append(Int32(start))
      }
    }
    (self.first, self.parts) = (first, parts)
  }

  /// The sum over pixels of their values times the parts that they fill, for each sample.
  func mean(of pixels: [Complex]) -> [Complex] {
    var field = [Complex](repeating: .zero, count: first.count)
    field.withUnsafeMutableBufferPointer { field in
      pixels.withUnsafeBufferPointer { pixels in
        first.withUnsafeBufferPointer { first in
          parts.withUnsafeBufferPointer { parts in
            for sample in field.indices {
              let (start, own) = (Int(first[sample]), sample * 2 * reach)
              var sum = Complex.zero
              for j in 0..<reach {
                var line = Complex.zero
                for i in 0..<reach { line += parts[own + i] * pixels[start + j * side + i] }
                sum += parts[own + reach + j] * line
              }
              field[sample] = sum
            }
          }
        }
      }
    }
    return field
  }
}

/// e^(iφ) from a table and two terms of the series between its entries, to 5·10⁻⁹; without the table where φ is too large for
/// that, or no number.
struct PhasorTable: Sendable {
  private static let count = 1024
  private let entries = (0..<count).map { phasor(2 * .pi * Double($0) / Double(count)) }

  subscript(_ phase: Double) -> Complex {
    let place = phase * (Double(Self.count) / (2 * .pi))
    guard abs(place) < 1e8 else { return phasor(phase) }
    let nearest = place.rounded()
    let rest = (place - nearest) * (2 * .pi / Double(Self.count))
    return product(entries[Int(nearest) & (Self.count - 1)], Complex(1 - rest * rest / 2, rest))
  }
}
