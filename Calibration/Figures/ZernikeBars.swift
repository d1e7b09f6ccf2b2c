import Measuring
import Report

/// The Zernike polynomials among what was found, as bars: one figure for each surface that has some.
enum ZernikeBars {
  private static let mark = "Zernike"

  static func figures(of estimates: [Estimate]) -> [Figure] {
    var (surfaces, bars) = ([String](), [String: [BarPlot.Bar]]())
    for estimate in estimates {
      guard let range = estimate.name.firstRange(of: mark) else { continue }
      let surface = String(estimate.name[..<range.lowerBound])
      if bars[surface] == nil { surfaces.append(surface) }
      let deviation = estimate.standardDeviation > 0 ? estimate.standardDeviation : nil
      bars[surface, default: []].append(
        .init(String(estimate.name[range.upperBound...]), estimate.value, deviation: deviation))
    }
    return surfaces.map { surface in
      .bars(
        BarPlot(
          "Zernike polynomials, \(surface)",
          summary: "Coefficients in radians by Noll's index; the lines are two standard deviations to either side.",
          y: Axis("coefficient", unit: "rad", startsAtZero: true), bars: bars[surface] ?? []))
    }
  }
}
