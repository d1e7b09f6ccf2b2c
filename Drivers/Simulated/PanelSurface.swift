import Devices
import Foundation

/// What the panels do to the light: the step from grey levels to complex numbers on the plant's samples. Fill factor,
/// crosstalk, the response curve and the flatness of a panel belong here.
struct PanelSurface: Sendable {
  let grid: PlantGrid
  let layout: BenchLayout
  let optics: SimulatedOptics
  /// exp(iφ) of each level of the layer modulator.
  private let layerResponse: [Complex]
  /// The field of each level of the input modulator.
  private let inputResponse: [Complex]

  init(grid: PlantGrid, layout: BenchLayout, optics: SimulatedOptics) {
    self.grid = grid
    self.layout = layout
    self.optics = optics
    layerResponse = (0..<256).map { level in
      let phase = 2 * .pi * Double(level) / Double(layout.layers.levelsPerTurn)
      return Complex(cos(phase), sin(phase))
    }
    inputResponse = (0..<256).map { level in
      let value = min(1, Double(level) / Double(layout.input.fullLevel))
      return switch optics.encoding {
      case .amplitude: Complex(value, 0)
      case .intensity: Complex(value.squareRoot(), 0)
      case .phase: Complex(cos(.pi * value), sin(.pi * value))
      }
    }
  }

  /// The transmission of each layer of a pattern on the layer modulator.
  func layers(_ pattern: Pattern) -> [[Complex]] {
    layout.layers.origins.map { origin in
      sample(
        pattern, origin: origin, first: 0, pixelsPerSample: Double(layout.layers.scale), count: grid.grid,
        response: layerResponse)
    }
  }

  /// The field that a pattern on the input modulator puts on the beam; dark around the image.
  func input(_ pattern: Pattern) -> [Complex] {
    let extent = optics.imageSize * optics.imageBlock
    return sample(
      pattern, origin: layout.input.origin, first: (grid.grid - extent) / 2,
      pixelsPerSample: Double(layout.input.scale) / Double(optics.imageBlock), count: extent, response: inputResponse)
  }

  /// The response at each plant sample of a square of `count` layer samples that begins at layer sample `first`, zero
  /// elsewhere on the patch. A plant sample sees the panel pixel that its centre lies on.
  private func sample(
    _ pattern: Pattern, origin: PanelPoint, first: Int, pixelsPerSample: Double, count: Int, response: [Complex]
  ) -> [Complex] {
    let side = grid.patchSide
    let pixels = (0..<count * grid.sampling).map {
      Int((Double($0) + 0.5) * pixelsPerSample / Double(grid.sampling))
    }
    var field = [Complex](repeating: .zero, count: side * side)
    field.withUnsafeMutableBufferPointer { field in
      pattern.levels.withUnsafeBufferPointer { levels in
        response.withUnsafeBufferPointer { response in
          for (y, pixelY) in pixels.enumerated() {
            let target = (first * grid.sampling + y) * side + first * grid.sampling
            let row = (origin.y + pixelY) * pattern.width + origin.x
            for x in 0..<pixels.count {
              field[target + x] = response[Int(levels[row + pixels[x]])]
            }
          }
        }
      }
    }
    return field
  }
}
