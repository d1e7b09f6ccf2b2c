import Catalogues
import ReadableNumbers

/// A table in the bench file that is of another panel, wavelength or voltage than the one that was measured.
enum WrongResponse: Examination {
  static let declaration = Declaration("response.table", "a response in the bench file that is not the measured one")

  /// Waves RMS that no table needs to be better than.
  private static let tolerance = 0.01

  static let threshold =
    "0.01 waves RMS and three standard deviations: no table needs to be better"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let response = patient.response, let stated = response.stated, stated.count > 1 else { return [] }
    let off = difference(response.measured, stated)
    guard off > max(tolerance, 3 * response.error) else { return [] }
    return [
      Diagnosis(
        off, unit: "waves",
        "the measured response of the layers' panel is \(number(off, significant: 2)) waves RMS off the table in the bench file, known "
          + "to \(number(response.error, significant: 2))",
        advice:
          "the table may be of another wavelength or panel; odu uses what it measured: replace modulator.response by odu-ctl response "
          + "export")
    ]
  }

  /// RMS over a turn of commands, whatever constant is between the two, which no frame shows.
  static func difference(_ measured: [Double], _ stated: [Double]) -> Double {
    let differences = measured.indices.map { index -> Double in
      let position = Double(index) / Double(max(1, measured.count - 1)) * Double(stated.count - 1)
      let below = min(Int(position), stated.count - 2)
      let part = position - Double(below)
      return measured[index] - stated[below] - part * (stated[below + 1] - stated[below])
    }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let square = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(differences.count)
    return square.squareRoot() / (2 * .pi)
  }
}
