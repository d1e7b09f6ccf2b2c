import Foundation

/// Where a trained model came from, as the index keeps it.
public struct ModelRecord: Codable, Sendable, Equatable {
  public var id: String
  public var date: Date
  /// The job that trained it; what `generate` takes as its model.
  public var run: String
  public var mode: String
  public var dataset: String
  /// Mean squared error on images that it was not trained on, over its layer sets.
  public var error: Double
  /// Frames that the bench measured for it.
  public var frames: Int
  public var seed: UInt64
  /// The calibration that its training began with.
  public var calibration: String?
  /// The version of the software that trained it.
  public var software: String

  public init(
    id: String, date: Date, run: String, mode: String, dataset: String, error: Double, frames: Int, seed: UInt64,
    calibration: String? = nil, software: String
  ) {
    self.id = id
    self.date = date
    self.run = run
    self.mode = mode
    self.dataset = dataset
    self.error = error
    self.frames = frames
    self.seed = seed
    self.calibration = calibration
    self.software = software
  }
}
