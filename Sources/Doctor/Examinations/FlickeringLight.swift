import Catalogues
import ReadableNumbers

enum FlickeringLight: Examination {
  static let declaration = Declaration("light.flicker", "brightness that varies from frame to frame of one image")

  /// Twice what a laser of 1 % does, with room for eight frames.
  private static let limit = 0.025

  static func findings(in patient: Patient) -> [Diagnosis] {
    let light = patient.white.mean - patient.black.mean
    guard light > 0, patient.white.count >= 4 else { return [] }
    let flicker = patient.white.deviation / light
    guard flicker > limit, patient.white.deviation > 2 * patient.black.deviation else { return [] }
    return [
      Diagnosis(
        flicker, "the brightness of one image varies by \(percent(flicker)) from frame to frame",
        advice:
          "let the laser warm up and check its driver; expose for whole periods of the mains and of the panel's refresh"
      )
    ]
  }
}
