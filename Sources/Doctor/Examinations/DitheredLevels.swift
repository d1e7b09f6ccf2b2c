import Catalogues

enum DitheredLevels: Examination {
  static let declaration = Declaration(
    "panel.dithering", "levels that the graphics card makes up of others, from pixel to pixel or from frame to frame")

  static let threshold = "any: the kernel says so, and a phase is then another one in every frame"

  static func findings(in patient: Patient) -> [Diagnosis] {
    patient.effects(
      "dithering",
      advice:
        "switch dithering off in the kernel driver's options, or connect the panel with 8 bits for each colour (max bpc 8)"
    )
  }
}
