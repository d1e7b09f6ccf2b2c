import Arrays
import MeasurementFiles
import Measuring
import Twin

/// The frames of a plan.
public struct AcquiredFrames: Sendable, Equatable {
  public let plan: FramePlan
  /// The part of the light with which no sample saturated.
  public let light: Float
  /// Frames that were taken, those of the series that saturated included.
  public let taken: Int
  /// One of each pattern.
  public let frames: Stack<Double>
  /// The second ones, of the first patterns.
  public let repeats: Stack<Double>

  init(plan: FramePlan, light: Float, taken: Int, all: Stack<Double>) {
    (self.plan, self.light, self.taken) = (plan, light, taken)
    frames = all.planes(0..<plan.patterns.count)
    repeats = all.planes(plan.patterns.count..<all.count)
  }

  /// The camera's noise, as a pattern shows it that was taken twice; nil when none was.
  public var noise: FrameNoise? {
    repeats.count == 0
      ? nil
      : FrameNoise(
        of: Array(frames.values[frames.range(ofPlane: 0)]), and: Array(repeats.values[repeats.range(ofPlane: 0)]))
  }

  /// What a fit is given. Every frame has a gain of its own there, so that the light does not matter.
  public var fitData: FitData {
    FitData(
      patterns: plan.patterns.map { $0.converted() }, inputs: plan.input.converted(), frames: frames, block: plan.block,
      heldOut: plan.heldOutFrames, noise: noise)
  }

  /// What a twin makes of the pattern of a frame.
  func prediction(of frame: Int, by twin: Twin<Double>) throws -> Stack<Double> {
    try twin.forward(layers: plan.patterns[frame].converted(), inputs: plan.input.converted(), block: plan.block)
  }

  /// The discrepancy that noise alone makes between a frame and a prediction, which has none; nil when no pattern was taken twice.
  var noiseDiscrepancy: Double? {
    repeats.count == 0 ? nil : Discrepancy(frames.planes(0..<1), repeats.planes(0..<1)).pearson / 2
  }

  /// The same to be kept in a file.
  public var measurements: Measurements {
    var input: Stack<Double> = plan.input.converted()
    for index in input.values.indices { input.values[index] *= Double(light) }
    return Measurements(
      patterns: plan.patterns.map { $0.converted() }, inputs: input, frames: frames, block: plan.block,
      heldOut: plan.heldOutFrames,
      repeats: (0..<repeats.count).map { Measurements.Repeat(of: $0, frame: repeats.planes(at: [$0])) })
  }
}
