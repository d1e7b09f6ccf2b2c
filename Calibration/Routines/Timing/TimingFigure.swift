import Devices
import Report

/// How the light follows a panel: the shapes that were found, and by how much parts of frames differ from them.
struct TimingFigure {
  private let panel: TimingFit.Panel

  /// Dots of a direction at most, and points of a curve.
  private static let (dots, points) = (150, 200)

  init(_ panel: TimingFit.Panel) { self.panel = panel }

  var plot: LinePlot {
    LinePlot(
      "Response of the \(panel.role == .layers ? "layers" : "input") in time",
      summary:
        "How far the light has come after a pattern is presented; dots lie off the curve by as much as a part of a frame differs from what its exposure sees of the curve.",
      x: Axis("after the presentation", unit: "ms"), y: Axis("change"),
      series: [
        .init("rise", curve(panel.rise)), .init("fall", curve(panel.fall)),
        .init("frames of rises", dots(panel.samples.rise, panel.rise.shape), mark: .dots),
        .init("frames of falls", dots(panel.samples.fall, panel.fall.shape), mark: .dots),
      ])
  }

  /// Seconds that are shown: what happens, and as much again.
  private var end: Double { 2 * max(panel.rise.rest.value, panel.fall.rest.value, 1e-6) }

  private func curve(_ fit: StepFit) -> [CurvePoint] {
    (0...Self.points).map { index in
      let time = end * Double(index) / Double(Self.points)
      return CurvePoint(x: 1000 * time, y: fit.shape.progress(at: time))
    }
  }

  private func dots(_ samples: [StepSample], _ shape: StepShape) -> [CurvePoint] {
    let shown = samples.filter { (0...end).contains($0.start + $0.exposure / 2) }
    return stride(from: 0, to: shown.count, by: max(1, shown.count / Self.dots)).map { index in
      let sample = shown[index]
      let middle = sample.start + sample.exposure / 2
      let rest = sample.progress - shape.progress(from: sample.start, to: sample.start + sample.exposure)
      return CurvePoint(x: 1000 * middle, y: shape.progress(at: middle) + rest, deviation: sample.deviation)
    }
  }
}
