import Catalogues

/// The examinations that there are, in the order of what to see to first: devices, then light, then how the bench is set up, then what
/// calibrations found.
public enum ExaminationCatalogue {
  public static let standard = Catalogue<any Examination.Type>(
    "examination",
    [
      MissingPermission.self, FaultyDevice.self, AutomaticCamera.self, LimitedRange.self, DitheredLevels.self,
      ScaledPatterns.self, DeviceWarning.self, SharedBus.self, EstimatedPresentation.self, LostFrames.self,
      ForeignClock.self, ClockJump.self,
      DarkCamera.self, SaturatedCamera.self, BrightBackground.self, MainsFlicker.self, RefreshFlicker.self,
      FlickeringLight.self, MovingImage.self, TurnedCamera.self, ShiftedBits.self,
      WrongDistance.self, WrongResponse.self, ShortTurn.self, LargeZeroOrder.self, Defocus.self, ClippedBeam.self,
      RefusedCalibration.self, MissingCalibration.self, StaleCalibration.self, DriftedBench.self,
    ]
  ) { $0.declaration }

  public static func findings(in patient: Patient) -> [Finding] {
    standard.members.flatMap { examination in
      examination.findings(in: patient).map { Finding($0, code: examination.declaration.name) }
    }
  }

  /// An examination for people.
  public struct Listed: Sendable, Codable {
    public var code: String
    public var summary: String
    public var threshold: String
  }

  public static var listed: [Listed] {
    standard.members.map {
      Listed(code: $0.declaration.name, summary: $0.declaration.summary, threshold: $0.threshold)
    }
  }

  /// All of them as a table of Markdown.
  public static var markdown: String {
    let rows = listed.map { "| `\($0.code)` | \($0.summary) | \($0.threshold) |" }
    return (["| code | what was found | from when on, and why |", "|---|---|---|"] + rows).joined(separator: "\n")
  }
}
