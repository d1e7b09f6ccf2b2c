import BenchAPI
import Calibration
import Catalogues
import Datasets
import Jobs
import Recipes
import Training
import Twin

extension JobCatalogue {
  /// The kinds of job that the programs offer.
  public static let standard = offering()

  /// The same, with names looked up in other catalogues than the standard ones.
  public static func offering(
    training: TrainingCatalogues = .standard,
    routines: Catalogue<any CalibrationRoutine.Type> = RoutineCatalogue.standard
  ) -> JobCatalogue {
    let datasets = DatasetFormats.standard.members.map(\.form)
    return JobCatalogue(
      [
        JobKind(
          CalibrateRequest.declaration(
            routines: routines.names, usual: RoutineCatalogue.usual,
            groups: TwinParameter.Group.allCases.map(\.rawValue))
        ) {
          try CalibrateJob($0, routines: routines)
        },
        JobKind(
          TrainRequest.declaration(
            recipes: RecipeCatalogue.standard.names, usual: RecipeCatalogue.usual, trainers: training.trainers.names,
            datasets: datasets)
        ) { try TrainJob($0, training: training) },
        JobKind(GenerateRequest.declaration(samplers: training.samplers.names)) {
          try GenerateJob($0, samplers: training.samplers)
        },
        JobKind(CompareRequest.declaration(datasets: datasets), CompareJob.init),
        JobKind(MeasureRequest.declaration, MeasureJob.init),
      ], calibrating: routines)
  }
}

/// What jobs can name, beside the kinds of job and the drivers.
public enum JobNames {
  public static let standard = groups()

  /// The groups of `GET /v1/kinds` with the members of these catalogues.
  public static func groups(
    training: TrainingCatalogues = .standard,
    routines: Catalogue<any CalibrationRoutine.Type> = RoutineCatalogue.standard
  ) -> [String: [Declaration]] {
    [
      "routines": routines.declarations, "trainers": training.trainers.declarations,
      "objectives": training.objectives.declarations, "readouts": training.readouts.declarations,
      "samplers": training.samplers.declarations, "recipes": RecipeCatalogue.standard.declarations,
      "datasets": DatasetFormats.standard.declarations,
    ]
  }
}
