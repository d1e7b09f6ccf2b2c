import Catalogues
import Devices
import Measuring
import ReadableNumbers
import Report

/// Finds what the camera makes of light, after EMVA 1288, from frames in the dark and with light at several exposures.
public struct CameraRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "camera", "dark level, read noise, gain, linearity, full well, hot and dead pixels of the camera")
  public static let needs: [ProductKind] = []
  public static let gives = ProductKind.camera

  public static func check(_ bench: StatedBench) throws {
    guard bench.layout != nil else { throw CalibrationError.noDevices }
  }

  /// Nothing is drawn by lot.
  public init(seed: UInt64) {}

  public func plan(for bench: CalibratedBench, after measured: [AcquiredSteps]) throws -> RawPlan? {
    guard let layout = bench.layout else { throw CalibrationError.noDevices }
    let plan = CameraPlan(layout)
    guard let last = measured.last else { return plan.look(at: nil) }
    // The last plan is the only one that has more than two steps.
    guard last.plan.steps.count == 2 else { return nil }
    if let look = plan.nextLook(after: measured) { return look }
    guard !LightLook(last).isDark else { throw CalibrationError.noLight }
    return plan.series(after: last)
  }

  public func fit(_ measured: [AcquiredSteps], on bench: CalibratedBench, _ work: RoutineWork) throws -> CameraFit {
    guard let series = measured.last else { throw CalibrationError.noLight }
    return try CameraFit(looks: measured.dropLast(), series: series)
  }

  public func content(of fit: CameraFit) -> ProductContent { .camera(fit.model) }

  public func report(on fit: CameraFit) -> RoutineReport {
    func certain(_ name: String, _ unit: String, _ value: Double?) -> Estimate? {
      value.map { Estimate(name: name, unit: unit, value: $0, standardDeviation: 0) }
    }
    let estimates = [
      fit.darkLevel.estimate("darkLevel", ""), fit.readNoise.estimate("readNoise", ""),
      fit.gain.estimate("systemGain", ""),
      certain("darkNonUniformity", "", fit.darkNonUniformity), certain("darkCurrent", "1/s", fit.darkCurrent),
      certain("linearityError", "", fit.linearityError), certain("fullWell", "electrons", fit.fullWell),
      certain("exposureStep", "s", fit.exposureStep),
      certain("hotPixels", "", Double(fit.model.hotPixels.count)),
      certain("deadPixels", "", Double(fit.model.deadPixels.count)),
    ]
    return RoutineReport(
      estimates: estimates.compactMap(\.self), weaknesses: fit.unknown, frames: fit.frames, fitted: fit.frames,
      meaning: meaning(of: fit.model))
  }

  public func figures(
    of fit: CameraFit, _ measured: [AcquiredSteps], on bench: CalibratedBench, _ work: RoutineWork
  ) -> [Figure] { fit.curves.figures }

  private func meaning(of model: CameraModel) -> String {
    let bright = 0.5 * model.saturation
    let noise = (model.readNoise * model.readNoise + model.gain * bright).squareRoot() / bright
    let bad = model.hotPixels.count + model.deadPixels.count
    return "a pixel at half of its range has noise of \(brief(100 * noise)) %, and fits weigh frames by it; "
      + (bad == 0 ? "no pixel is left out" : "\(bad) hot or dead pixels are filled in from their neighbours")
  }
}
