import Devices
import Foundation

/// What the panels do to the light: the step from grey levels to complex numbers on the plant's samples.
package struct PanelSurface: Sendable {
  package let grid: PlantGrid
  let layout: BenchLayout
  let optics: SimulatedOptics
  /// exp(iφ) of each level of the layer modulator.
  private let layerResponse: [Complex]
  /// The field of each level of the input modulator.
  private let inputResponse: [Complex]
  /// The factor of each level of the input modulator on the layers behind the first.
  private let repeatedResponse: [Complex]?
  /// What each layer does beyond the response; nil when it does as it is told, in its place.
  private let imperfect: [ImperfectLayer]?
  private let mirrors: AreaCoding?

  package init(grid: PlantGrid, layout: BenchLayout, optics: SimulatedOptics, hidden: HiddenBench? = nil) {
    self.grid = grid
    self.layout = layout
    self.optics = optics
    layerResponse = (0..<256).map { phasor(2 * .pi * Double($0) / Double(layout.layers.levelsPerTurn)) }
    let values = (0..<256).map { min(1, Double($0) / Double(layout.input.fullLevel)) }
    inputResponse = values.map { value in
      switch optics.encoding {
      case .amplitude, .binary: Complex(value, 0)
      case .intensity: Complex(value.squareRoot(), 0)
      case .phase: Complex(cos(.pi * value), sin(.pi * value))
      }
    }
    repeatedResponse = hidden?.repeatedInput.map { input in values.map { phasor(input.scale * $0) } }
    imperfect = hidden?.layers(grid: grid, layout: layout)
    mirrors = optics.encoding == .binary ? AreaCoding(layout.input) : nil
  }

  /// The transmission of each layer of a pattern on the layer modulator.
  package func layers(_ pattern: Pattern) -> [[Complex]] {
    if let imperfect { return ImperfectLayer.transmissions(imperfect, of: pattern) }
    return layout.layers.origins.map { origin in
      sample(
        pattern, origin: origin, first: 0, pixelsPerSample: Double(layout.layers.scale), count: grid.grid,
        response: layerResponse)
    }
  }

  /// The field that a pattern on the input modulator puts on the beam; dark around the image.
  package func input(_ pattern: Pattern) -> [Complex] {
    image(mirrors?.mirrors(pattern) ?? pattern, response: inputResponse)
  }

  /// The factor of the image on the layers behind the first; nil when it is not repeated.
  package func repeated(_ pattern: Pattern) -> [Complex]? {
    repeatedResponse.map { image(pattern, response: $0, around: Complex(1, 0)) }
  }

  private func image(_ pattern: Pattern, response: [Complex], around: Complex = .zero) -> [Complex] {
    let extent = optics.imageSize * optics.imageBlock
    return sample(
      pattern, origin: layout.input.origin, first: (grid.grid - extent) / 2,
      pixelsPerSample: Double(layout.input.scale) / Double(optics.imageBlock), count: extent, response: response,
      around: around)
  }

  /// The response at each plant sample of a square of `count` layer samples that begins at layer sample `first`, `around`
  /// elsewhere on the patch. A plant sample sees the panel pixel that its centre lies on.
  private func sample(
    _ pattern: Pattern, origin: PanelPoint, first: Int, pixelsPerSample: Double, count: Int, response: [Complex],
    around: Complex = .zero
  ) -> [Complex] {
    let side = grid.patchSide
    let pixels = (0..<count * grid.sampling).map {
      Int((Double($0) + 0.5) * pixelsPerSample / Double(grid.sampling))
    }
    var field = [Complex](repeating: around, count: side * side)
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

/// e^(iφ).
func phasor(_ phase: Double) -> Complex { Complex(cos(phase), sin(phase)) }

/// The panel pixels of the input modulator as mirrors that are on or off. Of the mirrors of an image pixel with value v,
/// round(v·scale²) are on: those nearest to its centre first, equally near ones row by row.
struct AreaCoding: Sendable {
  private let input: InputLayout
  /// For each mirror of an image pixel, row by row, how many come before it.
  private let rank: [Int]

  init(_ input: InputLayout) {
    self.input = input
    let scale = input.scale
    let distances = (0..<scale * scale).map { mirror in
      let (x, y) = (2 * (mirror % scale) + 1 - scale, 2 * (mirror / scale) + 1 - scale)
      return x * x + y * y
    }
    rank = distances.indices.map { mirror in
      distances.indices.count {
        distances[$0] < distances[mirror] || distances[$0] == distances[mirror] && $0 < mirror
      }
    }
  }

  /// The pattern with every pixel of the image on or off.
  func mirrors(_ pattern: Pattern) -> Pattern {
    var pattern = pattern
    let side = input.size * input.scale
    for y in 0..<side {
      for x in 0..<side {
        let index = (input.origin.y + y) * pattern.width + input.origin.x + x
        let value = min(1, Double(pattern.levels[index]) / Double(input.fullLevel))
        let count = Int((value * Double(rank.count)).rounded())
        let mirror = y % input.scale * input.scale + x % input.scale
        pattern.levels[index] = rank[mirror] < count ? UInt8(input.fullLevel) : 0
      }
    }
    return pattern
  }
}
