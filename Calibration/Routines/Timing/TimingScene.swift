import Arrays
import Devices
import Measuring

/// What is shown to see a panel change: two patterns on it whose light differs, and what stays on the other panel.
///
/// Part of the light stays, so that every frame tells how bright the source was while it was taken.
struct TimingScene: Sendable, Equatable {
  let role: ModulatorRole
  /// The pattern with the lower levels, and that with the higher ones; a change from the first to the second is a rise.
  let low: Pattern
  let high: Pattern
  let beside: Pattern?

  /// Cells along each side of the layers' checkerboard.
  private static let cells = 8

  /// One scene for each panel of a bench.
  static func scenes(_ layout: BenchLayout, _ camera: CameraFacts) throws -> [TimingScene] {
    guard let layers = camera.panel(.layers), let input = camera.panel(.input) else { throw CalibrationError.noDevices }
    let encoder = PatternEncoder(layout: layout)
    let size = layout.input.size
    let full = Stack<Float>(count: 1, height: size, width: size, repeating: 1)
    var half = full
    for y in 0..<size { for x in size / 2..<size { half[0, y, x] = 0 } }
    func image(_ image: Stack<Float>, on panel: ModulatorDescription) -> Pattern {
      var pattern = Pattern(width: panel.width, height: panel.height)
      encoder.draw(input: image, index: 0, on: &pattern)
      return pattern
    }
    if layout.input.onLayerModulator {
      return [TimingScene(role: .layers, low: image(half, on: layers), high: image(full, on: layers), beside: nil)]
    }
    let flat = Pattern(width: layers.width, height: layers.height)
    var board = flat
    encoder.draw(layers: checkerboard(layout.layers), on: &board)
    return [
      TimingScene(role: .layers, low: flat, high: board, beside: image(full, on: input)),
      TimingScene(role: .input, low: image(half, on: input), high: image(full, on: input), beside: flat),
    ]
  }

  /// Half a turn on every other cell of every layer.
  private static func checkerboard(_ layout: LayerLayout) -> Stack<Float> {
    let cell = max(1, layout.grid / cells)
    var phases = Stack<Float>(count: layout.origins.count, height: layout.grid, width: layout.grid)
    for layer in 0..<phases.count {
      for y in 0..<layout.grid {
        for x in 0..<layout.grid where (x / cell + y / cell).isMultiple(of: 2) { phases[layer, y, x] = .pi }
      }
    }
    return phases
  }

  // MARK: - Steps

  /// One of the patterns at rest.
  func still(_ pattern: Pattern, rest: Double, settings: CameraSettings?, frames: Int) -> RawStep {
    RawStep(.pattern(pattern, on: role), beside: beside, rest: rest, settings: settings, frames: frames)
  }

  func change(rises: Bool, delay: Double, rest: Double, settings: CameraSettings?, frames: Int) -> RawStep {
    RawStep(
      .pattern(rises ? high : low, on: role), beside: beside,
      change: RawStep.Change(from: rises ? low : high, after: delay),
      rest: rest, settings: settings, frames: frames)
  }

  /// Whether a step is a change of this scene, and in which direction; nil when it is not.
  func rises(in step: RawStep) -> Bool? {
    guard step.change != nil, case .pattern(let pattern, let role) = step.shown, role == self.role else { return nil }
    return pattern == high
  }

  func isStill(_ step: RawStep, _ pattern: Pattern) -> Bool {
    step.change == nil && step.shown == .pattern(pattern, on: role)
  }
}
