import Arrays
import Foundation

extension SecondPlant {
  /// What a layer does to the light: bent phases that run together, gaps between the pixels, a surface that is not flat. Beside
  /// the layer nothing comes back.
  func transmission(_ layer: Int, _ phases: Stack<Float>) -> Field {
    let shown = runTogether(shown(layer, phases))
    let flatness = truth.flatness.isEmpty ? [] : truth.flatness[layer]
    let surface = plane.wavefront(
      flatness, truth.roughness, CounterRandom(seed: truth.seed).child(UInt64(layer)))
    var field = Field(side: plane.side)
    var index = 0
    plane.eachOfLayer { sample, _, _, _ in
      let (phase, bend) = (shown[index], surface[sample])
      field.re[sample] = truth.fill * cos(phase + bend) + (1 - truth.fill) * cos(truth.deadPhase + bend)
      field.im[sample] = truth.fill * sin(phase + bend) + (1 - truth.fill) * sin(truth.deadPhase + bend)
      index += 1
    }
    return field
  }

  /// The phase of every sample of a layer, `[width, width]`, before neighbours run together.
  private func shown(_ layer: Int, _ phases: Stack<Float>) -> [Double] {
    let commands = phases.values[phases.range(ofPlane: layer)].map { Double($0) / (2 * .pi) }
    let quarters = truth.quarters.isEmpty ? [0, 0, 0, 0] : truth.quarters[layer]
    var shown: [Double] = []
    plane.eachOfLayer { _, _, _, pixel in
      let u = commands[pixel] - commands[pixel].rounded(.down)
      let quarter = 2 * (pixel / setup.grid * 2 / setup.grid) + pixel % setup.grid * 2 / setup.grid
      let bend =
        (truth.slope + quarters[quarter]) * u + truth.bow * u * (1 - u) + truth.cubic * u * (1 - u) * (1 - 2 * u)
        + truth.sine * sin(2 * .pi * u) / 2
      shown.append(2 * .pi * (u + bend))
    }
    return shown
  }

  /// The mean over the neighbours, weighed by a Gaussian, along rows and columns. Beside the layer the panel shows nothing.
  private func runTogether(_ phases: [Double]) -> [Double] {
    guard truth.crosstalk > 0 else { return phases }
    let reach = Int((5 * truth.crosstalk / plane.step).rounded(.up))
    // A sample is seen over its width.
    let weights = (-reach...reach).map { index -> Double in
      let (from, to) = (Double(index) - 0.5, Double(index) + 0.5)
      let unit = truth.crosstalk * 2.0.squareRoot() / plane.step
      return erf(to / unit) - erf(from / unit)
    }
    return smoothed(smoothed(phases, weights, along: 1), weights, along: plane.width)
  }

  private func smoothed(_ values: [Double], _ weights: [Double], along stride: Int) -> [Double] {
    let (reach, total) = (weights.count / 2, weights.reduce(0, +))
    return values.indices.map { index in
      let place = index / stride % plane.width
      let range = max(-reach, -place)...min(reach, plane.width - 1 - place)
      return range.reduce(0) { $0 + weights[$1 + reach] * values[index + $1 * stride] } / total
    }
  }
}
