import Devices
import Measuring

/// How the panels of a bench answer, as frames of their changes say.
public struct TimingFit: Sendable {
  /// A panel.
  struct Panel: Sendable {
    let role: ModulatorRole
    let rise: StepFit
    let fall: StepFit
    /// What the two were found from.
    let samples: (rise: [StepSample], fall: [StepSample])
    /// The last row of the camera that sees a change.
    let lastRow: Double

    /// Standard deviations that the time to wait is longer than the measured one.
    private static let safety = 3.0

    /// From the presentation until the first of both directions begins.
    var latency: Double { max(0, min(rise.latency.value, fall.latency.value)) }

    /// From change to change, beyond what the noise of frames explains.
    var jitter: Double { max(rise.jitter, fall.jitter) }

    /// By how much the bench waits longer than the slower direction takes: its own error, the spread from change to change, and what the
    /// last rows see later than the first one. Those of a shutter that rolls are exposed later, too, and need nothing.
    var margin: Double {
      let error = max(rise.rest.deviation, fall.rest.deviation)
      return Self.safety * (error * error + jitter * jitter).squareRoot()
        + (rolls ? lastRow * max(0, -rowDelay.value) : 0)
    }

    /// From then until the light rests, margin included.
    var settle: Double { max(0, max(rise.rest.value, fall.rest.value) - latency) + margin }

    /// What both directions say together.
    var rowDelay: Found {
      let weights = [rise, fall].map { 1 / max($0.rowDelay.deviation * $0.rowDelay.deviation, 1e-30) }
      let sum = weights[0] + weights[1]
      return Found(
        value: (weights[0] * rise.rowDelay.value + weights[1] * fall.rowDelay.value) / sum,
        deviation: (1 / sum).squareRoot())
    }

    /// Whether rows see the change at times that differ.
    var rolls: Bool { rise.rolls && fall.rolls }
  }

  let panels: [Panel]
  let camera: CameraFacts
  /// Standard deviation of the light from frame to frame at the longest and at the shortest exposure of the sweep; nil where only one was.
  let flicker: (long: Double, short: Double)?
  let frames: Int

  /// - Throws: ``CalibrationError``.
  init(_ measured: [AcquiredSteps], _ layout: BenchLayout) throws {
    guard let camera = measured.last?.camera, let look = TimingPlan.looks(in: measured).last else {
      throw CalibrationError.noDevices
    }
    let (data, plan, light) = (try TimingData(measured, layout), TimingPlan(layout), TimingPlan.Light(look))
    panels = try data.scenes.enumerated().map { index, scene in
      func fit(_ rises: Bool) throws -> StepFit {
        let direction = TimingData.Direction(scene: index, rises: rises)
        guard let fit = StepFit(data.samples(direction), scale: plan.scale(of: direction, data, light)) else {
          throw CalibrationError.unchanging(panel: camera.panel(scene.role)?.name ?? scene.role.rawValue)
        }
        return fit
      }
      func samples(_ rises: Bool) -> [StepSample] { data.samples(.init(scene: index, rises: rises)) }
      return Panel(
        role: scene.role, rise: try fit(true), fall: try fit(false), samples: (samples(true), samples(false)),
        lastRow: data.views[index].lastRow)
    }
    self.camera = camera
    flicker = Self.flicker(data.changes)
    frames = measured.reduce(0) { $0 + $1.plan.frames }
  }

  /// Exposures with fewer frames than this say nothing of the light's fluctuation.
  private static let fewest = 8

  private static func flicker(_ changes: [TimingData.Change]) -> (long: Double, short: Double)? {
    let groups = Dictionary(grouping: changes.filter { $0.brightness.count > 1 }) { Int(($0.exposure * 1e9).rounded()) }
      .mapValues { $0.flatMap(\.brightness) }.filter { $0.value.count >= fewest }
    guard let long = groups.keys.max(), let short = groups.keys.min(), short < long else { return nil }
    func spread(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
      return squares.squareRoot() / mean
    }
    return (spread(groups[long] ?? []), spread(groups[short] ?? []))
  }
}
