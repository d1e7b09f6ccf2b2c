import Arrays
import Devices
import MeasurementFiles
import Measuring

/// Takes the frames that routines ask for; nothing else of a calibration touches the bench.
///
/// A frame with a saturated sample would pull a fit aside. It ends its series, and the next one is taken with less light. Every frame
/// is marked with its series and use, so that a recording of the bench can be fitted again.
public struct Acquisition: Sendable {
  private let unit: any OpticalUnit
  private let raw: (any RawBench)?
  /// The number of the next series of frames.
  private var series = 0

  /// The light of one series as a part of the light of the series before, and how little still makes sense.
  private static let (dimming, faintest): (Float, Float) = (0.8, 0.1)

  /// - Parameters:
  ///   - unit: the bench, what stands for it, or ``RecordedUnit``.
  ///   - raw: the same for steps below the unit, or ``RecordedSteps``; nil where there are no devices.
  public init(on unit: any OpticalUnit, raw: (any RawBench)? = nil) { (self.unit, self.raw) = (unit, raw) }

  /// - Parameter progress: how many frames of the present series there are.
  /// - Throws: ``CalibrationError/saturated``, and what the unit throws.
  public mutating func frames(
    of plan: FramePlan, progress: (Int) -> Void = { _ in }
  ) async throws -> AcquiredFrames {
    var taken = 0
    var light: Float = 1
    while true {
      if let frames = try await oneSeries(of: plan, light: light, taken: &taken, progress) {
        return AcquiredFrames(plan: plan, light: light, taken: taken, all: frames)
      }
      light *= Self.dimming
      guard light > Self.faintest else { throw CalibrationError.saturated }
    }
  }

  /// Takes raw steps in their order, and has the unit measure again afterwards, also when one of them fails.
  ///
  /// - Throws: ``CalibrationError/noDevices``, and what the devices throw.
  public mutating func steps(of plan: RawPlan, progress: (Int) -> Void = { _ in }) async throws -> AcquiredSteps {
    guard let raw else { throw CalibrationError.noDevices }
    let outcome: Result<AcquiredSteps, any Error>
    do {
      let camera = try await raw.facts
      var (taken, count) = ([RawFrames](), 0)
      for step in plan.steps {
        try Task.checkCancellation()
        taken.append(try await raw.take(step))
        count += step.frames
        progress(count)
      }
      outcome = .success(AcquiredSteps(plan: plan, camera: camera, taken: taken))
    } catch {
      outcome = .failure(error)
    }
    // A task of its own: a routine that is cancelled leaves a bench that measures.
    let finished = await Task { try await raw.finish() }.result
    let acquired = try outcome.get()
    try finished.get()
    return acquired
  }

  /// - Returns: nil when a frame saturates.
  private mutating func oneSeries(
    of plan: FramePlan, light: Float, taken: inout Int, _ progress: (Int) -> Void
  ) async throws -> Stack<Double>? {
    defer { series += 1 }
    var input = plan.input
    for index in input.values.indices { input.values[index] *= light }
    var values: [Double] = []
    var shape = (height: 0, width: 0)
    for (index, pattern) in (plan.patterns + plan.patterns.prefix(plan.repeats)).enumerated() {
      try Task.checkCancellation()
      let measured = try await FrameMark.$current.withValue(FrameMark(series: series, use: plan.use(of: index))) {
        [input] in
        try await unit.measure(layers: pattern, inputs: input, block: plan.block)
      }
      taken += 1
      if measured.isSaturated { return nil }
      let frame = measured.intensities
      shape = (frame.height, frame.width)
      values += frame.values.map { Double($0) }
      progress(index + 1)
    }
    return Stack(count: plan.frames, height: shape.height, width: shape.width, values: values)
  }
}
