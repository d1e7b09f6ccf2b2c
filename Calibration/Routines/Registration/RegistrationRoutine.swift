import Catalogues
import Devices
import Measuring
import Report

/// Finds how the camera looks at the plane, from nothing: orientation, magnification, rotation and shift; and where the layers lie.
public struct RegistrationRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "registration", "how the camera shows the detector plane, from nothing, and where the layers lie")
  public static let needs: [ProductKind] = []
  public static let uses: [ProductKind] = [.camera, .timing]
  public static let gives = ProductKind.registration

  public static func check(_ bench: StatedBench) throws {
    guard bench.layout != nil else { throw CalibrationError.noDevices }
  }

  private let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredSteps]) throws -> RawPlan? {
    let plan = try plan(for: bench)
    guard let last = measured.last else { return plan.first() }
    // The last plan is the only one that has more than the four steps of a look.
    guard last.plan.steps.count <= 4 else { return nil }
    let looks = measured.dropFirst().map { RegistrationLook($0) }
    guard let look = looks.last else {
      return try plan.look((last.camera.settings, last.camera.settings), last.camera)
    }
    if let next = plan.nextLook(after: looks) { return try plan.look(next, last.camera) }
    try RegistrationPlan.judge(look, last.camera)
    return try plan.series(after: look, last.camera)
  }

  private func plan(for bench: CalibratedBench) throws -> RegistrationPlan {
    guard let layout = bench.layout else { throw CalibrationError.noDevices }
    return RegistrationPlan(bench.description, layout, seed: seed)
  }

  public func fit(
    _ measured: [AcquiredSteps], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> RegistrationFit {
    try RegistrationFit(measured, on: bench, plan: plan(for: bench), work)
  }

  public func content(of fit: RegistrationFit) -> ProductContent { .registration(fit.model) }

  public func posterior(of fit: RegistrationFit) -> Posterior { fit.posterior }

  public func report(on fit: RegistrationFit) -> RoutineReport {
    func certain(_ name: String, _ value: Int) -> Estimate {
      Estimate(name: name, unit: "", value: Double(value), standardDeviation: 0)
    }
    let (orientation, report) = (fit.model.orientation, fit.fit)
    var place = [
      certain("quarterTurns", orientation.quarterTurns), certain("mirrored", orientation.isMirrored ? 1 : 0),
    ]
    if let region = fit.model.region {
      place += [
        certain("regionX", region.x), certain("regionY", region.y), certain("regionWidth", region.width),
        certain("regionHeight", region.height),
      ]
    }
    return RoutineReport(
      estimates: place + fit.estimates, before: report.before, after: report.after, verdict: report.verdict,
      noiseRatio: report.noiseRatio, weaknesses: fit.weaknesses, untouched: report.untouched, frames: fit.frames,
      fitted: report.fittedFrames, heldOut: report.heldOutFrames, iterations: report.iterations)
  }

  public func figures(
    of fit: RegistrationFit, _ measured: [AcquiredSteps], on bench: CalibratedBench, _ work: RoutineWork
  ) -> [Figure] { [.pictures(RegistrationFigure(fit).table)] }
}
