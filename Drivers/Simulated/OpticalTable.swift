import Devices
import Dispatch
import Synchronization

/// The light between the panels and the sensor: computes the intensity of pairs of patterns, each once, on all cores, and
/// keeps the latest.
final class OpticalTable: Sendable {
  /// The names of the layer pattern and the input pattern.
  struct Pair: Hashable {
    var layers: PatternHandle
    var input: PatternHandle
  }

  /// Intensities kept.
  static let capacity = 256

  private struct Cache {
    var intensities: [Pair: [Float]] = [:]
    var order: [Pair] = []
    var surface: (layers: PatternHandle, transmissions: [[Complex]])?
  }

  let plant: Plant
  private let surface: PanelSurface
  private let view: SensorView
  private let cache = Mutex(Cache())
  private let queue = DispatchQueue(label: "odu.simulated.plant", attributes: .concurrent)

  init(plant: Plant, surface: PanelSurface, view: SensorView) {
    self.plant = plant
    self.surface = surface
    self.view = view
  }

  /// Runs blocking work off the cooperative pool.
  func offload<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }

  /// Computes the intensities of one layer pattern with many inputs, as far as they are wanted and not known.
  func prepare(layers: PanelTimeline.Content, inputs: [PanelTimeline.Content]) async {
    let unknown = cache.withLock { cache in
      inputs.prefix(OpticalTable.capacity / 2).filter {
        cache.intensities[Pair(layers: layers.handle, input: $0.handle)] == nil
      }
    }
    guard !unknown.isEmpty else { return }
    await offload { [self] in
      let transmissions = transmissions(layers)
      DispatchQueue.concurrentPerform(iterations: unknown.count) { index in
        let input = unknown[index]
        keep(compute(transmissions, input.pattern), for: Pair(layers: layers.handle, input: input.handle))
      }
    }
  }

  /// The intensity on the sensor's pixels. Blocks while it computes.
  func intensity(layers: PanelTimeline.Content, input: PanelTimeline.Content) -> [Float] {
    let pair = Pair(layers: layers.handle, input: input.handle)
    if let known = cache.withLock({ $0.intensities[pair] }) { return known }
    let intensity = compute(transmissions(layers), input.pattern)
    keep(intensity, for: pair)
    return intensity
  }

  private func compute(_ transmissions: [[Complex]], _ input: Pattern) -> [Float] {
    view.look(at: plant.intensity(input: surface.input(input), layers: transmissions))
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
struct SensorView: Sendable {
  let width: Int
  let height: Int
  let canvas: Int
  /// The canvas sample that pixel (0, 0) sees.
  let x: Int
  let y: Int

  func look(at intensity: [Double]) -> [Float] {
    var pixels = [Float](repeating: 0, count: width * height)
    for row in 0..<height where (0..<canvas).contains(row + y) {
      for column in 0..<width where (0..<canvas).contains(column + x) {
        pixels[row * width + column] = Float(intensity[(row + y) * canvas + column + x])
      }
    }
    return pixels
  }
}
