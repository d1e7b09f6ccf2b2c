import Catalogues
import ReadableNumbers

enum Defocus: Examination {
  static let declaration = Declaration("camera.defocus", "a camera out of focus, as a calibration found it")

  /// Radians RMS of the wavefront: twice Maréchal's λ/14. Camera pixels.
  private static let (wavefront, blur) = (4 * Double.pi / 14, 1.0)

  static let threshold =
    "0.9 rad RMS of defocus, twice Maréchal's λ/14, or a blur of one camera pixel RMS, which leaves less than 1 % of the finest "
    + "detail; and three standard deviations"

  private static let advice =
    "move the camera along the beam until a fine pattern is sharp, and calibrate again: the twin follows a blur, but what it blurs is lost "
    + "to training"

  static func findings(in patient: Patient) -> [Diagnosis] { [defocus(patient), spread(patient)].compactMap(\.self) }

  private static func defocus(_ patient: Patient) -> Diagnosis? {
    guard let found = patient.parameters["detectorZernike4"], abs(found.value) > wavefront + 3 * found.error else {
      return nil
    }
    let length = shift(found.value, patient).map {
      ", as of a camera that is \(number(abs($0) * 1e3, significant: 2)) mm away"
    }
    return Diagnosis(
      found.value, unit: "rad",
      "the light comes to the camera with \(number(found.value, significant: 2)) rad RMS of defocus\(length ?? "")",
      advice: advice)
  }

  /// The way along the beam, in metres at the last layer, that has this defocus: √3(2ρ² − 1) on the pupil 1/(2·pitch) against the
  /// phase πλz·f² of free space.
  private static func shift(_ defocus: Double, _ patient: Patient) -> Double? {
    guard let wavelength = patient.wavelength, let pitch = patient.pitch, wavelength > 0 else { return nil }
    return 8 * 3.0.squareRoot() * defocus * pitch * pitch / (.pi * wavelength)
  }

  private static func spread(_ patient: Patient) -> Diagnosis? {
    guard let found = patient.parameters["pointSpread"], let pitch = patient.pitch, pitch > 0 else { return nil }
    let pixels = found.value / pitch
    guard pixels > blur + 3 * found.error / pitch else { return nil }
    return Diagnosis(
      pixels, unit: "pixels", "a point is \(number(pixels, significant: 2)) camera pixels RMS wide", advice: advice)
  }
}
