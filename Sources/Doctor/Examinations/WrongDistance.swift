import Catalogues
import ReadableNumbers

/// A calibrated distance far from the stated one. Light spreads by distance times wavelength, so that a wrong wavelength looks the same.
enum WrongDistance: Examination {
  static let declaration = Declaration(
    "geometry.distance", "a calibrated distance that the bench file does not have, or a wavelength that it has wrong")

  private static let deviations = 3.0
  private static let names = ["mirrorGap": "the gap to the mirror", "spacing": "the distance of two layers"]

  static let threshold =
    "three standard deviations of what the bench file believes (`prior`) and of the calibration together: a right belief is that far "
    + "off once in 400 benches"

  static func findings(in patient: Patient) -> [Diagnosis] {
    names.sorted { $0.key < $1.key }.compactMap { name, words in
      guard let found = patient.parameters[name], found.stated != 0 else { return nil }
      let off = found.value - found.stated
      guard abs(off) > deviations * (found.prior * found.prior + found.error * found.error).squareRoot() else {
        return nil
      }
      let factor = found.value / found.stated
      let wavelength = patient.wavelength.map {
        ", as if the wavelength were \(number($0 * factor * 1e9, significant: 4)) nm instead of \(number($0 * 1e9, significant: 4)) nm"
      }
      return Diagnosis(
        off, unit: "m",
        "\(words) was found to be \(number(found.value * 1e3, significant: 4)) mm, and the bench file has "
          + "\(number(found.stated * 1e3, significant: 4)) mm\(wavelength ?? "")",
        advice: "measure the distance, and look at the laser's label: correct geometry and its prior in the bench file")
    }
  }
}
