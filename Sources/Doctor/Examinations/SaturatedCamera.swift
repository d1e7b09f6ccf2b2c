import Catalogues

enum SaturatedCamera: Examination {
  static let declaration = Declaration("camera.saturated", "pixels at full scale in frames of a white image")

  static let threshold =
    "any pixel: it is lost to every fit"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let most = patient.white.map(\.clipped).max() ?? 0
    guard most > 0 else { return [] }
    return [
      Diagnosis(
        Double(most), unit: "pixels", "\(most) pixels of the detector are at full scale with a white image",
        advice: "expose for a shorter time, or dim the laser; what clips is lost to every fit")
    ]
  }
}
