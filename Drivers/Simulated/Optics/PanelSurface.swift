import Devices
import Foundation

/// What the panels do to the light: the step from grey levels to complex numbers on the plant's samples.
package struct PanelSurface: Sendable {
  package let grid: PlantGrid
  let layout: BenchLayout
  let optics: NominalOptics
  /// exp(iφ) of each level of the layer modulator.
  private let layerResponse: [Complex]
  /// The field of each level of the input modulator.
  private let inputResponse: [Complex]
  /// The factor of each level of the input modulator on the layers behind the first.
  private let repeatedResponse: [Complex]?
  /// The phase of the value 1 there, in radians.
  private let repeatedScale: Double?
  /// What each layer does beyond the response; nil when it does what it should, in its place.
  private let imperfect: [ImperfectLayer]?

  package init(grid: PlantGrid, layout: BenchLayout, optics: NominalOptics, hidden: HiddenBench? = nil) {
    self.grid = grid
    self.layout = layout
    self.optics = optics
    layerResponse = (0..<256).map { phasor(2 * .pi * Double($0) / Double(layout.layers.levelsPerTurn)) }
    let values = (0..<256).map { min(1, Double($0) / Double(layout.input.fullLevel)) }
    inputResponse = values.map { value in
      switch optics.encoding {
      case .amplitude: Complex(value, 0)
      case .binary: Complex(value < 0.5 ? 0 : 1, 0)
      case .intensity: Complex(value.squareRoot(), 0)
      case .phase: Complex(cos(.pi * value), sin(.pi * value))
      }
    }
    repeatedScale = hidden?.repeatedInput?.scale
    repeatedResponse = hidden?.repeatedInput.map { input in values.map { phasor(input.scale * $0) } }
    imperfect = hidden?.layers(grid: grid, layout: layout)
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
  package func input(_ pattern: Pattern) -> [Complex] { image(pattern, response: inputResponse) }

  /// The factor of the image on the layers behind the first; nil when it is not repeated.
  package func repeated(_ pattern: Pattern) -> [Complex]? {
    guard let repeatedResponse, let repeatedScale else { return nil }
    guard optics.encoding == .binary else { return image(pattern, response: repeatedResponse, around: Complex(1, 0)) }
    let (side, block) = (grid.patchSide, optics.imageBlock * grid.sampling)
    let first = (grid.grid - optics.imageSize * optics.imageBlock) / 2 * grid.sampling
    var field = [Complex](repeating: Complex(1, 0), count: side * side)
    for row in 0..<optics.imageSize {
      for column in 0..<optics.imageSize {
        let factor = phasor(repeatedScale * partOn(pattern, row, column))
        for y in 0..<block {
          let start = (first + row * block + y) * side + first + column * block
          for x in 0..<block { field[start + x] = factor }
        }
      }
    }
    return field
  }

  /// The part of an image pixel's mirrors that is on.
  private func partOn(_ pattern: Pattern, _ row: Int, _ column: Int) -> Double {
    let input = layout.input
    var sum = 0.0
    for y in 0..<input.scale {
      let start = (input.origin.y + row * input.scale + y) * pattern.width + input.origin.x + column * input.scale
      for x in 0..<input.scale { sum += inputResponse[Int(pattern.levels[start + x])].x }
    }
    return sum / Double(input.scale * input.scale)
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
