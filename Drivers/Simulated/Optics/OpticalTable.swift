import Arrays
import Concurrency
import Devices
import Dispatch

/// The light between the panels and the sensor: computes the intensity of pairs of patterns, each once, on all cores, and
/// keeps the latest.
final class OpticalTable: Sendable {
  /// The names of the layer pattern and the input pattern, and the step of the drift.
  struct Pair: Hashable {
    var layers: PatternHandle
    var input: PatternHandle
    var step: Int
  }

  /// Intensities kept.
  static let capacity = 256

  private struct Cache {
    var intensities: [Pair: [Float]] = [:]
    var order: [Pair] = []
    var surface: (layers: PatternHandle, transmissions: [[Complex]])?
  }

  private let bench: DriftingBench
  private let surface: PanelSurface
  private let cache = Locked(Cache())
  private let queue = DispatchQueue(label: "odu.simulated.plant", attributes: .concurrent)

  init(bench: DriftingBench, surface: PanelSurface) {
    self.bench = bench
    self.surface = surface
  }

  /// Runs blocking work off the cooperative pool.
  func offload<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }

  /// Computes the intensities of one layer pattern with many inputs, as far as they are wanted and not known, as the bench
  /// is at a time in nanoseconds.
  func prepare(layers: PanelTimeline.Content, inputs: [PanelTimeline.Content], at time: UInt64) async {
    let step = bench.step(at: time)
    let unknown = cache.withLock { cache in
      inputs.prefix(OpticalTable.capacity / 2).filter {
        cache.intensities[Pair(layers: layers.handle, input: $0.handle, step: step)] == nil
      }
    }
    guard !unknown.isEmpty else { return }
    await offload { [self] in
      let transmissions = transmissions(layers)
      let setting = bench.setting(after: step)
      DispatchQueue.concurrentPerform(iterations: unknown.count) { index in
        let input = unknown[index]
        keep(
          compute(setting, transmissions, input.pattern),
          for: Pair(layers: layers.handle, input: input.handle, step: step))
      }
    }
  }

  /// The intensity on the sensor's pixels at a time in nanoseconds. Blocks while it computes.
  func intensity(layers: PanelTimeline.Content, input: PanelTimeline.Content, at time: UInt64) -> [Float] {
    let step = bench.step(at: time)
    let pair = Pair(layers: layers.handle, input: input.handle, step: step)
    if let known = cache.withLock({ $0.intensities[pair] }) { return known }
    let intensity = compute(bench.setting(after: step), transmissions(layers), input.pattern)
    keep(intensity, for: pair)
    return intensity
  }

  private func compute(_ setting: BenchSetting, _ transmissions: [[Complex]], _ input: Pattern) -> [Float] {
    let (field, repeated) = (surface.input(input), surface.repeated(input))
    switch setting.view {
    case .inPlace(let view):
      return view.look(at: setting.plant.intensity(input: field, layers: transmissions, repeated: repeated))
    case .registered(let view):
      return view.look(at: setting.plant.samples(input: field, layers: transmissions, repeated: repeated))
    }
  }

  private func transmissions(_ layers: PanelTimeline.Content) -> [[Complex]] {
    if let known = cache.withLock({ $0.surface }), known.layers == layers.handle { return known.transmissions }
    let transmissions = surface.layers(layers.pattern)
    cache.withLock { $0.surface = (layers.handle, transmissions) }
    return transmissions
  }

  private func keep(_ intensity: [Float], for pair: Pair) {
    cache.withLock { cache in
      guard cache.intensities.updateValue(intensity, forKey: pair) == nil else { return }
      cache.order.append(pair)
      if cache.order.count > OpticalTable.capacity { cache.intensities[cache.order.removeFirst()] = nil }
    }
  }
}

/// Which part of the canvas the sensor sees: one pixel for each layer sample, dark beyond the canvas.
package struct SensorView: Sendable {
  package let width: Int
  package let height: Int
  package let canvas: Int
  /// The canvas sample that each pixel sees.
  package let sample: Orientation.Placement

  /// A sensor that shows the canvas upright.
  ///
  /// - Parameters:
  ///   - x: with `y` the canvas sample that pixel (0, 0) sees.
  package init(width: Int, height: Int, canvas: Int, x: Int, y: Int) {
    self.init(
      width: width, height: height, canvas: canvas,
      sample: Orientation.Placement(origin: (x, y), perColumn: (1, 0), perRow: (0, 1)))
  }

  /// A sensor whose frames show the detector region as the orientation says. The region's picture begins where the layout
  /// has the camera's pixels, whatever the layout believes of the orientation.
  ///
  /// - Parameter corner: the canvas sample with which the detector region begins.
  init(
    _ sensor: SimulatedSensor, _ orientation: Orientation, layout: CameraLayout, canvas: Int, corner: (x: Int, y: Int)
  ) {
    let picture = orientation.size(ofPlane: layout.detectorSize.width, layout.detectorSize.height)
    var sample = orientation.inverse.placement(ofPlane: picture.width, picture.height)
    let first = sample(-layout.x, -layout.y)
    sample.origin = (corner.x + first.x, corner.y + first.y)
    self.init(width: sensor.width, height: sensor.height, canvas: canvas, sample: sample)
  }

  private init(width: Int, height: Int, canvas: Int, sample: Orientation.Placement) {
    self.width = width
    self.height = height
    self.canvas = canvas
    self.sample = sample
  }

  package func look(at intensity: [Double]) -> [Float] {
    var pixels = [Float](repeating: 0, count: width * height)
    for row in 0..<height {
      for column in 0..<width {
        let seen = sample(column, row)
        guard (0..<canvas).contains(seen.x), (0..<canvas).contains(seen.y) else { continue }
        pixels[row * width + column] = Float(intensity[seen.y * canvas + seen.x])
      }
    }
    return pixels
  }
}
