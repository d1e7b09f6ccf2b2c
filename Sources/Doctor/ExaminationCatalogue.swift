import Catalogues

/// The examinations that there are.
public enum ExaminationCatalogue {
  public static let standard = Catalogue<any Examination.Type>(
    "examination",
    [
      FaultyDevice.self, DeviceWarning.self, EstimatedPresentation.self, LostFrames.self, ForeignClock.self,
      DarkCamera.self, SaturatedCamera.self, BrightBackground.self, FlickeringLight.self, ShiftedBits.self,
      WrongResponse.self, ShortTurn.self, MissingCalibration.self, StaleCalibration.self,
      DriftedBench.self,
    ]
  ) { $0.declaration }

  public static func findings(in patient: Patient) -> [Finding] {
    standard.members.flatMap { examination in
      examination.findings(in: patient).map { Finding($0, code: examination.declaration.name) }
    }
  }
}
