import Catalogues

/// The routines that there are.
public enum RoutineCatalogue {
  public static let standard = Catalogue<any CalibrationRoutine.Type>(
    "routine",
    [
      CameraRoutine.self,
      TimingRoutine.self,
      RegistrationRoutine.self,
      AlignmentRoutine.self,
      ResponseRoutine.self,
      JointFitRoutine.self,
      SourceRoutine.self,
    ]
  ) { $0.declaration }

  /// What a calibration runs when none is named.
  public static let usual = [JointFitRoutine.name]
}
