import Foundation
import Report
import Twin

/// The phase that a panel shows for each command, and how it differs from what is asked for.
struct ResponseFigures {
  private let fit: ResponseRoutine.Fit

  init(_ fit: ResponseRoutine.Fit) { self.fit = fit }

  var figures: [Figure] {
    guard let curve = fit.model.curve, curve.count > 1 else { return [] }
    // In turns: commands, and what is shown for them.
    let points = curve.enumerated().map { index, phase in
      CurvePoint(x: Double(index) / Double(curve.count - 1), y: phase / (2 * .pi))
    }
    let rest = points.map { CurvePoint(x: $0.x, y: $0.y - $0.x) }
    return [
      .curves(
        LinePlot(
          "Response of the layers' panel", summary: "The phase that is shown over the phase that is asked for.",
          x: Axis("asked for", unit: "turns"), y: Axis("shown", unit: "turns", startsAtZero: true),
          series: [
            .init("shown", points), .init("ideal", [CurvePoint(x: 0, y: 0), CurvePoint(x: 1, y: 1)]),
          ])),
      .curves(
        LinePlot(
          "What it shows too much",
          summary: "The difference of the two; the bars are two standard deviations to either side.",
          x: Axis("asked for", unit: "turns"), y: Axis("difference", unit: "turns", startsAtZero: true),
          series: [.init("shown", rest), .init("knots", knots(on: rest), mark: .dots)])),
    ]
  }

  /// The places at which the curve was found, on it.
  private func knots(on curve: [CurvePoint]) -> [CurvePoint] {
    let mark = "responseKnot"
    let count = fit.outcome.fit.parameters.names.count { $0.hasPrefix(mark) }
    return fit.outcome.fit.entries.compactMap { entry -> CurvePoint? in
      let name = entry.name
      guard name.hasPrefix(mark), let number = Int(name.dropFirst(mark.count)) else { return nil }
      let place = Double(number) / Double(count + 1)
      let index = Int((place * Double(curve.count - 1)).rounded())
      guard curve.indices.contains(index) else { return nil }
      return CurvePoint(x: place, y: curve[index].y, deviation: entry.standardDeviation)
    }
  }
}
