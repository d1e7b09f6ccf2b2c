import Concurrency
import Devices

/// The plant and the camera's view between two steps of the drift.
struct BenchSetting: Sendable {
  enum View: Sendable {
    /// A pixel sees its layer sample.
    case inPlace(SensorView)
    case registered(CameraView)
  }

  let plant: Plant
  let view: View
}

/// The hidden bench as it is after each step of its drift; the latest setting is kept.
final class DriftingBench: Sendable {
  let grid: PlantGrid
  private let hidden: HiddenBench
  private let view: SensorView
  private let start: BenchSetting
  private let latest: Locked<(step: Int, setting: BenchSetting)>

  /// - Throws: ``SimulatedError`` for numbers that make no sense.
  init(_ hidden: HiddenBench, layout: BenchLayout) throws {
    let (configuration, optics) = (hidden.configuration, hidden.optics)
    grid = try Plant.grid(optics, sampling: configuration.sampling, canvas: configuration.canvas)
    view = SensorView(
      configuration.camera, configuration.imaging.orientation, layout: layout.camera, canvas: grid.canvas,
      corner: (grid.margin + optics.detectorX, grid.margin + optics.detectorY))
    self.hidden = hidden
    let plant = try Plant(optics: optics, grid: grid, alignment: hidden.alignment, light: hidden.light)
    start = BenchSetting(plant: plant, view: DriftingBench.view(hidden, view, grid, Drift.Rates()))
    latest = Locked((0, start))
  }

  func step(at time: UInt64) -> Int { hidden.configuration.drift.step(at: time) }

  /// The setting after a number of steps.
  func setting(after step: Int) -> BenchSetting {
    if step == 0 { return start }
    return latest.withLock { latest in
      if latest.step != step { latest = (step, moved(after: step, latest.setting)) }
      return latest.setting
    }
  }

  private func moved(after step: Int, _ former: BenchSetting) -> BenchSetting {
    let configuration = hidden.configuration
    let moved = configuration.drift.displacement(after: step, seed: configuration.seed)
    var alignment = hidden.alignment
    alignment.distance += moved.distance
    alignment.mirrorX += moved.mirrorX
    alignment.mirrorY += moved.mirrorY
    alignment.beamX += moved.beamX
    alignment.beamY += moved.beamY
    // The optics have been accepted once; a bench that cannot move further stays where it is.
    let plant = try? Plant(
      optics: hidden.optics, grid: grid, alignment: alignment, light: hidden.light, former: former.plant)
    return BenchSetting(
      plant: plant ?? former.plant, view: DriftingBench.view(hidden, view, grid, moved))
  }

  private static func view(
    _ hidden: HiddenBench, _ view: SensorView, _ grid: PlantGrid, _ moved: Drift.Rates
  ) -> BenchSetting.View {
    let imaging = hidden.configuration.imaging
    if imaging.isInPlace, moved.cameraX == 0, moved.cameraY == 0 { return .inPlace(view) }
    return .registered(CameraView(imaging, view: view, grid: grid, moved: (moved.cameraX, moved.cameraY)))
  }
}
