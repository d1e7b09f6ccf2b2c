import BenchAPI
import Catalogues
import ReadableNumbers

enum AutomaticCamera: Examination {
  static let declaration = Declaration(
    "camera.automatic", "a camera that changes its exposure or gain by itself, as the brightness of one image shows")

  /// Of the brightness, from the first quarter of a series to the last, and in standard deviations.
  private static let (part, deviations) = (0.05, 5.0)

  static let threshold =
    "any word of the driver; or 5 % between begin and end of a series of one image behind black ones, and five standard deviations: "
    + "a laser that warms up takes minutes for that"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let told = patient.effects("automatic", advice: advice)
    return told.isEmpty ? trend(patient) : told
  }

  private static let advice =
    "switch automatic exposure and gain off in the camera's own settings; if they are off, check that layout.timing gives the "
    + "panel time to come to rest, and that the laser is warm"

  private static func trend(_ patient: Patient) -> [Diagnosis] {
    guard let series = patient.series, patient.light > 0 else { return [] }
    let (means, quarter) = (series.means, series.means.count / 4)
    guard quarter >= 4 else { return [] }
    let (first, last) = (means.prefix(quarter), means.suffix(quarter))
    let change = (last.average - first.average) / patient.light
    let scatter = max(neighbours(means), first.deviation, last.deviation) / patient.light
    guard abs(change) > part, abs(change) > deviations * scatter * (2 / Double(quarter)).squareRoot() else { return [] }
    return [
      Diagnosis(
        change,
        "the brightness of one image \(change > 0 ? "rises" : "falls") by \(percent(abs(change))) while it is shown",
        advice: advice)
    ]
  }

  /// The standard deviation by what one frame differs from the next, which no slow change enters.
  private static func neighbours(_ values: [Double]) -> Double {
    let differences = zip(values.dropFirst(), values).map { $0 - $1 }
    return (differences.reduce(0) { $0 + $1 * $1 } / Double(2 * max(1, differences.count))).squareRoot()
  }
}
