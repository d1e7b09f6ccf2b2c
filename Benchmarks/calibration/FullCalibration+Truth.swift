import Calibration
import Devices
import Fitting
import Foundation
import Simulated
import Twin

/// What was found beside what is true, each with words.
extension FullCalibration {
  typealias Judged = (Double, String)

  /// Frames by product.
  var found: String { known.products.map { "\($0.kind.rawValue) \($0.report.frames)" }.joined(separator: ", ") }

  /// In percent.
  var camera: Judged? {
    guard case .camera(let model) = product(.camera)?.content else { return nil }
    let (noise, imaging) = (configuration.noise, configuration.imaging)
    let parts = [
      ("gain", model.gain * noise.fullWell - 1), ("read noise", model.readNoise * noise.fullWell / noise.read - 1),
      ("dark level", imaging.offset == 0 ? 0 : model.darkLevel / imaging.offset - 1),
    ]
    let hot = configuration.pixels.hot
    return (
      100 * (parts.map { abs($0.1) }.max() ?? .nan),
      parts.map { String(format: "%@ %+.2f %%", $0.0, 100 * $0.1) }.joined(separator: ", ")
        + "; \(model.hotPixels.count) hot pixels found of \(hot)"
    )
  }

  private typealias Step = (name: String, found: StepResponse, panel: SimulatedPanel, duration: Double)

  private var steps: [Step]? {
    guard case .timing(let model) = product(.timing)?.content, let layers = model.layers, let input = model.input
    else { return nil }
    return [("layers", layers, configuration.layerPanel), ("input", input, configuration.inputPanel)].flatMap {
      name, found, panel in
      [
        ("\(name) rise", found.rise, panel, panel.settle),
        ("\(name) fall", found.fall, panel, panel.fall ?? panel.settle),
      ] as [Step]
    }
  }

  /// In frames of the camera.
  var latency: Judged? {
    steps.map { steps in
      let off = steps.map { ($0.name, ($0.found.latency - $0.panel.latency) * configuration.camera.frameRate) }
      return (
        off.map { abs($0.1) }.max() ?? .nan, off.map { String(format: "%@ %+.4f", $0.0, $0.1) }.joined(separator: ", ")
      )
    }
  }

  /// In percent. The plant's light changes in a straight line, of which 1 % is missing after 0.99 of its time.
  var settling: Judged? {
    steps.map { steps in
      let off = steps.map { ($0.name, 100 * ($0.found.settle / (0.99 * $0.duration) - 1)) }
      return (
        off.map { abs($0.1) }.max() ?? .nan,
        off.map { String(format: "%@ %+.2f %%", $0.0, $0.1) }.joined(separator: ", ")
      )
    }
  }

  /// Root mean square over the levels of a turn, in waves.
  var response: Judged? {
    guard let product = product(.response), case .response(let model) = product.content, let curve = model.curve,
      curve.count == 257
    else { return nil }
    let (modulator, layers, count) = (
      configuration.modulator, known.description.geometry.layers, configuration.modulator.regions
    )
    let off = (1...layers).flatMap { layer in
      (1...count * count).map { region -> Double in
        let name = "plane\(layer)Response\(region)"
        let (found, hidden) = (model.parameters.values[name] ?? 0, truth[name] ?? 0)
        let squares = (0..<256).map { level -> Double in
          let u = Double(level) / 256
          let shown =
            u * (1 + modulator.slope + hidden) + modulator.quadratic * u * (1 - u)
            + modulator.sine * sin(2 * .pi * u) / 2
          let off = curve[level] / (2 * .pi) + found * u - shown
          return off * off
        }
        return (squares.reduce(0, +) / 256).squareRoot()
      }
    }
    let middle = off.sorted()[off.count / 2]
    return (
      off.max() ?? .nan,
      String(format: "median of the regions %.4f, %d frames of its own", middle, product.report.frames)
    )
  }

  /// A direction counts as determined when frames narrow what is believed of it to this part.
  private static let determined = 0.2

  /// In microradians, along the directions that frames determine; the others are turned against what else is free.
  var angles: Judged? {
    guard let product = product(.twin) else { return nil }
    let parameters = known.parameters
    let names = ["mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"].filter {
      product.posterior.names.contains($0) && truth[$0] != nil
    }
    let prior = names.compactMap { parameters.parameter(named: $0)?.prior }.max() ?? 0
    guard !names.isEmpty, prior > 0 else { return nil }
    let off = names.map { parameters[$0] - (truth[$0] ?? .nan) }
    let covariance = names.flatMap { row in names.map { (product.posterior[row, $0] ?? 0) / (prior * prior) } }
    let eigen = SymmetricEigen(covariance, order: names.count)
    let directions = names.indices.map { index -> (deviation: Double, off: Double) in
      let vector = eigen.vectors[index * names.count..<(index + 1) * names.count]
      return (max(0, eigen.values[index]).squareRoot() * prior, zip(vector, off).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let words = directions.sorted { $0.deviation < $1.deviation }.map {
      String(format: "%+.1f ± %.1f", 1e6 * $0.off, 1e6 * $0.deviation)
    }
    let determined = directions.filter { $0.deviation < Self.determined * prior }
    guard let worst = determined.map({ abs($0.off) }).max() else { return nil }
    let gap = truth["mirrorGap"].map { 1e6 * (parameters["mirrorGap"] - $0) } ?? .nan
    return (
      1e6 * worst,
      "\(determined.count) of \(names.count) directions determined by the joint fit (\(words.joined(separator: ", ")) µrad); "
        + String(
          format: "gap %+.1f ± %.1f µm", gap, 1e6 * (product.posterior.standardDeviation(of: "mirrorGap") ?? .nan))
    )
  }

  var discrepancy: Judged? {
    (unseen.discrepancy - unseen.noise, String(format: "%.5f, of which noise %.5f", unseen.discrepancy, unseen.noise))
  }

  /// In percent of what the joint fit freed.
  var deviations: Judged? {
    guard let product = product(.twin), case .twin(let found) = product.content else { return nil }
    let ratios = product.posterior.names.compactMap {
      name -> (name: String, group: TwinParameter.Group, ratio: Double)? in
      guard let parameter = found.parameter(named: name), let deviation = product.posterior.standardDeviation(of: name),
        deviation > 0, let hidden = truth[name]
      else { return nil }
      return (name, parameter.group, abs(parameter.value - hidden) / deviation)
    }
    guard let worst = ratios.max(by: { $0.ratio < $1.ratio }) else { return nil }
    let groups = Dictionary(grouping: ratios, by: \.group).sorted { $0.key.rawValue < $1.key.rawValue }
    return (
      100 * Double(ratios.count { $0.ratio > 2 }) / Double(ratios.count),
      groups.map { group, ratios in "\(group.rawValue) \(ratios.count { $0.ratio > 2 }) of \(ratios.count)" }
        .joined(separator: ", ")
        + String(format: "; the worst at %.1fσ, %@", worst.ratio, worst.name)
    )
  }
}
