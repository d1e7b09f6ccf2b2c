import BenchFile
import Calibration
import DriverCatalogue
import Foundation
import Simulated

/// How far a pixel's phase reaches and which part of it is modulated, from gratings after a joint fit: what the width is off, as a part of it.
struct CrosstalkRow: Row {
  /// Whether a pixel reaches further to one side than to the other.
  let isSided: Bool

  var name: String { isSided ? "crosstalk-sided" : "crosstalk" }
  var title: String {
    "crosstalk width, every effect on (`realistic`)" + (isSided ? ", wider along x and to the right" : "")
  }
  var unit: String { "of it" }
  var goal: String { "0.05 of it; fill factor 0.005" }

  func measure(seed: UInt64, threads: Int) async throws -> Measurement {
    let file = try BenchFile.profile("realistic", seed: seed) { text in
      guard isSided else { return text }
      return text.replacing(
        "    crosstalk: 5.5e-6", with: "    crosstalkAspect: 0.15\n    crosstalkSkewX: 0.4\n    crosstalk: 5.5e-6")
    }
    let assembled = try await file.assemble()
    guard let truth = assembled.truth else { throw CocoaError(.fileReadCorruptFile) }
    var bench = try CalibratedBench(file.stated)
    try await assembled.bench.start()
    let start = assembled.clock.now
    var acquisition = Acquisition(on: assembled.bench)
    let work = RoutineWork(threads: threads)
    func run(_ routine: some CalibrationRoutine) async throws -> RoutineOutcome {
      let outcome = try await routine.run(on: bench, &acquisition, work).accepted()
      bench = try bench.adding(outcome, seed: seed)
      return outcome
    }
    func off(_ name: String) -> Double { bench.parameters[name] - (truth[name] ?? .nan) }
    var frames = 0
    frames += try await run(JointFitRoutine(seed: seed)).report.frames
    let before = (width: off("crosstalk"), fill: off("fillFactor"))
    frames += try await run(SourceRoutine(seed: seed)).report.frames
    let light = (width: off("crosstalk"), fill: off("fillFactor"))
    let began = Date()
    let found = try await run(CrosstalkRoutine(seed: seed))
    let seconds = -began.timeIntervalSinceNow
    let benchTime = Double(assembled.clock.now - start) * 1e-9
    try await assembled.bench.stop()
    let width = truth["crosstalk"] ?? .nan
    func ratio(_ name: String) -> Double { abs(off(name)) / (found.posterior.standardDeviation(of: name) ?? .nan) }
    return Measurement(
      value: abs(off("crosstalk")) / width, frames: frames + found.report.frames, ownFrames: found.report.frames,
      benchTime: benchTime, computing: seconds,
      note: String(
        format:
          "width %+.1f %% (%.1f σ), fill factor %+.4f (%.1f σ), sides %@, aspect %+.3f, skew %+.3f and %+.3f off; after the joint "
          + "fit %+.1f %% and %+.4f, after the source %+.1f %% and %+.4f",
        100 * off("crosstalk") / width, ratio("crosstalk"), off("fillFactor"), ratio("fillFactor"),
        found.report.untouched.isEmpty ? "differ" : "alike", off("crosstalkAspect"), off("crosstalkSkewX"),
        off("crosstalkSkewY"), 100 * before.width / width, before.fill, 100 * light.width / width, light.fill))
  }
}
