import Foundation

/// Which pixels each plant sample of a layer sees, and the part of the sample that each one's middle fills. Samples and pixels
/// lie in rows and columns, so one row of numbers says it for all.
struct PixelFootprints: Sendable {
  /// Samples along each side.
  let samples: Int
  /// Pixels in view along each axis, and along each side of the panel's part that holds them.
  private let reach: Int
  private let side: Int
  /// For each column or row of samples its first pixel, and the parts.
  private let first: [Int]
  private let parts: [Double]

  /// - Parameters:
  ///   - border: samples around the patch.
  ///   - margin: pixels around the layer that hold what they see.
  init(_ panel: ImperfectPanel, _ grid: PlantGrid, border: Int, margin: Int) {
    reach = Int(panel.width.rounded(.up)) + 1
    side = panel.side + 2 * margin
    samples = grid.patchSide + 2 * border
    let start = grid.position(grid.patch.lowerBound) - Double(border) * grid.step
    let last = max(0, side - reach)
    var (first, parts): ([Int], [Double]) = ([], [])
    for sample in 0..<samples {
      let middle = (start + Double(sample) * grid.step) / panel.pixel + panel.center + Double(margin)
      let pixel = min(max(0, Int((middle - panel.width / 2).rounded(.down))), last)
      first.append(pixel)
      for index in 0..<reach { parts.append(panel.part(of: pixel + index, around: middle)) }
    }
    (self.first, self.parts) = (first, parts)
  }

  /// The sum over pixels of their values times the parts that they fill, for each sample.
  func mean(of pixels: [Complex]) -> [Complex] {
    var field = [Complex](repeating: .zero, count: samples * samples)
    field.withUnsafeMutableBufferPointer { field in
      pixels.withUnsafeBufferPointer { pixels in
        first.withUnsafeBufferPointer { first in
          parts.withUnsafeBufferPointer { parts in
            for y in 0..<samples {
              for x in 0..<samples {
                var sum = Complex.zero
                for j in 0..<reach {
                  let row = (first[y] + j) * side + first[x]
                  var line = Complex.zero
                  for i in 0..<reach { line += parts[x * reach + i] * pixels[row + i] }
                  sum += parts[y * reach + j] * line
                }
                field[y * samples + x] = sum
              }
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
