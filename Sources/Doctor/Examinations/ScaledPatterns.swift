import Catalogues

enum ScaledPatterns: Examination {
  static let declaration = Declaration(
    "panel.scaling", "patterns that are stretched or moved on their way to the panel")

  static let threshold = "any: the kernel says so, and no pixel of a pattern is then a pixel of the panel"

  static func findings(in patient: Patient) -> [Diagnosis] {
    patient.effects(
      "scaling",
      advice:
        "give the panel's own resolution in the driver's setting mode, and switch overscan and underscan off in the panel's menu"
    )
  }
}
