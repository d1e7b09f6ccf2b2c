import Devices
import Foundation

/// The panel's pixels under one layer.
struct ImperfectPanel: Sendable {
  /// Metres along each side of a pixel, and pixels along each side of a layer.
  let pixel: Double
  let side: Int
  /// The pixel coordinate, counted from the layer's first pixel's edge, of the layer's origin.
  let center: Double
  /// Pixels along each side of a plant sample.
  let width: Double
  let deadPhase: Double
  let regions: Int
  /// Half the gap between two pixels' modulated parts, in pixels.
  private let gap: Double
  private let crosstalk: GaussianKernel?
  /// Instead of it, along x and along y, when it is not the same everywhere.
  private let sided: (x: SidedKernel, y: SidedKernel)?
  private let kernel: [[Double]]?

  init(_ modulator: ModulatorImperfection, grid: PlantGrid, scale: Int) {
    pixel = grid.pitch / Double(scale)
    side = grid.grid * scale
    center = (Double(grid.grid / 2) + 0.5) * Double(scale)
    width = Double(scale) / Double(grid.sampling)
    deadPhase = modulator.deadPhase
    regions = modulator.regions
    gap = (1 - modulator.fillFactor.squareRoot()) / 2
    let width = modulator.crosstalk / pixel
    let isSided = modulator.crosstalkAspect != 0 || modulator.crosstalkSkewX != 0 || modulator.crosstalkSkewY != 0
    crosstalk = width > 0 && !isSided ? GaussianKernel(ofCells: width) : nil
    sided =
      width > 0 && isSided
      ? (
        SidedKernel(ofCells: width * (1 + modulator.crosstalkAspect), skew: modulator.crosstalkSkewX),
        SidedKernel(ofCells: width * (1 - modulator.crosstalkAspect), skew: modulator.crosstalkSkewY)
      ) : nil
    kernel = modulator.crosstalkKernel.map { rows in
      let sum = rows.joined().reduce(0, +)
      return rows.map { $0.map { $0 / sum } }
    }
  }

  /// The part of a plant sample around a coordinate that the modulated middle of a pixel fills, along one axis.
  func part(of pixel: Int, around middle: Double) -> Double {
    let (low, high) = (middle - width / 2, middle + width / 2)
    let edge = Double(pixel)
    return max(0, min(high, edge + 1 - gap) - max(low, edge + gap)) / width
  }

  /// Pixels around the layer that its samples and a border of further ones see, with the reach of the crosstalk.
  func margin(border: Int) -> Int {
    let reach = max(
      crosstalk?.radius ?? 0, sided?.x.radius ?? 0, sided?.y.radius ?? 0,
      max(kernel?.count ?? 0, kernel?.first?.count ?? 0) / 2)
    return Int((Double(border + 1) * width).rounded(.up)) + 2 + reach
  }

  /// The phase that the pixels of a layer and of a margin around it show. Beyond the panel it is 0.
  func show(_ pattern: Pattern, origin: PanelPoint, margin: Int, response: [[Double]]) -> [Double] {
    let side = self.side + 2 * margin
    var phases = [Double](repeating: 0, count: side * side)
    for y in 0..<side {
      let panelY = origin.y + y - margin
      guard (0..<pattern.height).contains(panelY) else { continue }
      let regionY = min(max(y - margin, 0), self.side - 1) * regions / self.side * regions
      for x in 0..<side {
        let panelX = origin.x + x - margin
        guard (0..<pattern.width).contains(panelX) else { continue }
        let region = regionY + min(max(x - margin, 0), self.side - 1) * regions / self.side
        phases[y * side + x] = response[region][Int(pattern.levels[panelY * pattern.width + panelX])]
      }
    }
    if let crosstalk { phases = crosstalk.apply(phases, width: side, height: side) }
    if let sided { phases = sided.y.alongColumns(sided.x.alongRows(phases, side), side) }
    if let kernel { phases = ImperfectPanel.convolve(phases, side, kernel) }
    return phases
  }

  private static func convolve(_ plane: [Double], _ side: Int, _ kernel: [[Double]]) -> [Double] {
    var result = [Double](repeating: 0, count: plane.count)
    for (j, row) in kernel.enumerated() {
      for (i, weight) in row.enumerated() where weight != 0 {
        let (dx, dy) = (i - row.count / 2, j - kernel.count / 2)
        for y in max(0, dy)..<min(side, side + dy) {
          for x in max(0, dx)..<min(side, side + dx) {
            result[y * side + x] += weight * plane[(y - dy) * side + x - dx]
          }
        }
      }
    }
    return result
  }
}
