import Catalogues
import ReadableNumbers

enum FlickeringLight: Examination {
  static let declaration = Declaration("light.flicker", "brightness that varies from frame to frame of one image")

  private static let limit = 0.025
  static let threshold =
    "2.5 % of the light: twice what a laser of 1 % does, with room for eight frames"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let light = patient.white.mean - patient.black.mean
    guard light > 0, patient.white.count >= 4 else { return [] }
    let flicker = patient.white.deviation / light
    // What swings or follows the image has a finding of its own.
    let known = [AutomaticCamera.self, MainsFlicker.self, RefreshFlicker.self] as [any Examination.Type]
    guard known.allSatisfy({ $0.findings(in: patient).isEmpty }) else { return [] }
    guard flicker > limit, patient.white.deviation > 2 * patient.black.deviation else { return [] }
    return [
      Diagnosis(
        flicker, "the brightness of one image varies by \(percent(flicker)) from frame to frame",
        advice:
          "it is at no frequency of the mains or of a panel: let the laser warm up, check its driver, and keep light from going "
          + "back into it"
      )
    ]
  }
}
