import Foundation

/// A trained model: where it came from.
public struct ModelRecord: Codable, Sendable, Equatable {
  public var id: String
  public var date: Date
  /// The job that trained it and in whose folder its file is.
  public var run: String
  public var mode: String
  public var dataset: String
  /// The error on images that it was not trained on.
  public var error: Double
  /// Frames that the bench measured for it.
  public var frames: Int
  public var seed: UInt64
  /// The calibration of the twin that it was trained with; nil when there was none.
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
