import Catalogues

/// The routines that there are.
public enum RoutineCatalogue {
  public static let standard = of([
    CameraRoutine.self,
    TimingRoutine.self,
    RegistrationRoutine.self,
    AlignmentRoutine.self,
    ResponseRoutine.self,
    JointFitRoutine.self,
    SourceRoutine.self,
    CrosstalkRoutine.self,
    RefinementRoutine.self,
  ])

  /// These, by their names.
  public static func of(_ routines: [any CalibrationRoutine.Type]) -> Catalogue<any CalibrationRoutine.Type> {
    Catalogue("routine", routines) { $0.declaration }
  }

  /// What a calibrate job runs when none is named.
  public static let usual = [JointFitRoutine.name]
}
