import Jobs

extension JobCatalogue {
  /// The kinds of job that the programs offer.
  public static let standard = JobCatalogue([
    MeasureJob.self,
    CalibrateJob<StandardRoutines>.self,
    TrainJob.self,
    CompareJob.self,
    GenerateJob.self,
  ])
}
