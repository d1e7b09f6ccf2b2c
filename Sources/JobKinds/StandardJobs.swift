import Jobs

extension JobCatalogue {
  /// The kinds of job that the programs offer.
  public static let standard = JobCatalogue([
    MeasureJob.self,
    CalibrateJob.self,
    TrainJob.self,
    CompareJob.self,
    GenerateJob.self,
  ])
}
