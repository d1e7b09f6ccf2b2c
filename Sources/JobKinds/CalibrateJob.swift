import Arrays
import BenchAPI
import Calibration
import Files
import Foundation
import Jobs
import ServiceCore
import Twin

/// Calibrates the twin on the bench and puts the result in force when it is accepted.
struct CalibrateJob: JobRoutine {
  static let kind = "calibrate"
  private static let routines = ["alignment"]
  private let seed: UInt64

  init(_ parameters: CalibrateRequest) throws {
    for routine in parameters.routines ?? [] where !Self.routines.contains(routine) {
      throw ServiceError.invalid(
        "there is no routine \"\(routine)\"; there are \(Self.routines.joined(separator: ", "))")
    }
    seed = parameters.seed ?? 1
  }

  func run(in context: any JobHost) async throws -> CalibrateResult {
    let description = context.file.twin
    let bench = try context.bench
    guard let calibrations = context.calibrations else { throw JobHostError.noCalibrations }
    if let done = context.preparedCalibration(in: calibrations, for: description) { return done }
    let twin = try Twin<Double>(description, parameters: context.startParameters(), threads: context.threads)
    context.log("the twin computes by \(twin.engineName) on \(twin.threads) threads")
    if let warning = twin.sampling.warning { context.log(warning) }
    var routine = AlignmentRoutine(seed: seed)
    routine.believed = context.file.parameters
    routine.orientation = context.file.devices?.layout.camera.orientation ?? .upright
    context.progress("acquire", 0, of: routine.frames)
    let report = try await routine.run(on: bench.unit, twin: twin) { phase, done, count in
      // The last stages of a fit take many times as long as the first ones.
      context.progress(phase.rawValue, done, of: count, isEven: phase == .acquire)
    }
    context.log(report.verdict.words)
    guard report.isAccepted else {
      throw CalibrationError.notAccepted(
        verdict: report.verdict.words, suspicions: report.suspicions.map(\.words))
    }
    try context.checkCancellation()
    let result = CalibrateResult(report, fitted: routine.fitted, heldOut: routine.heldOut)
    try context.write([UInt8](APICoding.encode(result)), as: Self.artefact)
    try calibrations.prepare(report.parameters, result, for: description, run: context.id)
    return result
  }

  fileprivate static let artefact = "calibration.json"
}

extension JobHost {
  /// What this job found before its daemon ended, when nothing was left to do but to put it in force.
  fileprivate func preparedCalibration(
    in calibrations: CalibrationStore, for description: TwinDescription
  ) -> CalibrateResult? {
    let path = directory.appendingPathComponent(CalibrateJob.artefact).path
    guard calibrations.isPrepared(by: id, for: description), let bytes = try? AtomicFile.read(path),
      let result = try? APICoding.decode(CalibrateResult.self, from: Data(bytes)),
      (try? publish(CalibrateJob.artefact)) != nil
    else { return nil }
    log("the bench was calibrated before odud ended")
    return result
  }

  /// Where a calibration begins: a new one may take the place of one that cannot be read any more.
  fileprivate func startParameters() -> TwinParameters {
    do {
      return try presentParameters()
    } catch {
      log("the calibration begins at the values of the bench file: \(error)")
      return file.parameters
    }
  }
}

extension CalibrateResult {
  init(_ report: AlignmentReport, fitted: Int, heldOut: Int) {
    self.init(
      parameters: report.entries, before: report.before, after: report.after, frames: report.frames, fitted: fitted,
      heldOut: heldOut, iterations: report.iterations,
      verdict: Verdict(modelClass: report.verdict.modelClass.rawValue, words: report.verdict.words),
      noiseRatio: report.noiseRatio, weaknesses: report.weaknesses.map(\.words), untouched: report.untouched)
  }
}
