import Catalogues
import ReadableNumbers

enum MovingImage: Examination {
  static let declaration = Declaration("image.moving", "a picture that moves on the camera from frame to frame")

  /// Camera pixels.
  private static let limit = 0.1

  static let threshold =
    "0.1 camera pixels RMS, twice what a registration is good for, and five times what noise makes of it"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let series = patient.series, let error = series.placeError, series.moments.count >= 8 else { return [] }
    // A picture that clips, or is brighter in every frame, changes its shape.
    let others = [SaturatedCamera.self, AutomaticCamera.self] as [any Examination.Type]
    guard others.allSatisfy({ $0.findings(in: patient).isEmpty }) else { return [] }
    let (x, y) = (series.moments.map(\.x).deviation, series.moments.map(\.y).deviation)
    let moved = (x * x + y * y).squareRoot()
    guard moved > limit, moved > 5 * error else { return [] }
    let worst = x > y ? "along its rows" : "along its columns"
    return [
      Diagnosis(
        moved, unit: "pixels",
        "the picture moves by \(number(moved, significant: 2)) camera pixels RMS from frame to frame, mostly \(worst)",
        advice:
          "look for what shakes the table or a mount (fans, pumps, a loose post, air from above), fix cables, and cover the beam"
      )
    ]
  }
}
