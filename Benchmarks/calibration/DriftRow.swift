import BenchFile
import Calibration
import Devices
import DriverCatalogue
import Foundation
import Measuring
import Twin

/// A day on a bench of which gap, mirror, beam and camera move, with a ramp and a random walk: the largest discrepancy between twin and bench
/// beside that at the start, with probes every ten minutes and refinements as the policy `automatic` makes them. The same bench without
/// refinements stands in the note.
struct DriftRow: Row {
  enum Bench: String { case simulated, realistic }

  let bench: Bench

  var name: String { "drift-\(bench)" }
  var title: String { "24 hours of drift (`\(bench)`): largest discrepancy beside that at the start" }
  var unit: String { "times" }
  var goal: String { "2 times" }

  /// Seconds.
  private static let (day, every) = (86_400.0, 600.0)
  private static let threshold = DriftWatch().threshold
  /// Probes that are made before a refinement that came to nothing is tried again.
  private static let rest = 6

  func measure(seed: UInt64, threads: Int) async throws -> Measurement {
    let (kept, left) = (try await DriftingBench(bench, seed: seed), try await DriftingBench(bench, seed: seed))
    try await kept.calibrate(seed: seed, threads: threads)
    left.known = kept.known
    let began = Date()
    var (refusedAt, groups) = (-Self.rest, [String: Int]())
    var (refused, unexplained) = (0, 0)
    for index in 0...Int(Self.day / Self.every) {
      for bench in [kept, left] { try await bench.wait(until: Double(index) * Self.every) }
      try await left.probe(threads)
      let frames = try await kept.probe(threads)
      guard kept.ratio > Self.threshold, index - refusedAt >= Self.rest else { continue }
      let start = kept.readings[0]
      guard let found = try DriftExplanation(frames, of: kept.known, start: start, threads: threads) else {
        unexplained += 1
        continue
      }
      if try await kept.refine(found.group, seed: UInt64(index), threads) {
        groups[found.group.rawValue, default: 0] += 1
        try await kept.probe(threads)
      } else {
        (refusedAt, refused) = (index, refused + 1)
      }
    }
    for bench in [kept, left] { try await bench.close() }
    let refined = groups.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
    return Measurement(
      value: kept.largestRatio, frames: kept.calibrationFrames + kept.frames, ownFrames: kept.frames,
      benchTime: kept.busy, computing: -began.timeIntervalSinceNow,
      note: String(
        format:
          "discrepancy %.4f at the start, at most %.4f with the keeper and %.4f without (%.1f times); refinements: %@, "
          + "%d refused, %d drifts unexplained; %d frames of probes and %d of refinements",
        kept.readings[0], kept.largest, left.largest, left.largestRatio, refined.isEmpty ? "none" : refined, refused,
        unexplained, kept.frames - kept.refinementFrames, kept.refinementFrames))
  }
}

/// A bench that moves, with what is known of it.
private final class DriftingBench {
  var known: CalibratedBench
  private(set) var readings: [Double] = []
  /// Those of probes and refinements, and the part of the latter.
  private(set) var frames = 0
  private(set) var refinementFrames = 0
  private(set) var calibrationFrames = 0
  /// Seconds of the bench's clock in which it measured for these.
  private(set) var busy = 0.0
  private let assembled: AssembledBench
  private let start: UInt64

  init(_ bench: DriftRow.Bench, seed: UInt64) async throws {
    let file = try BenchFile.profile(bench.rawValue, seed: seed) {
      $0.replacing("\nsimulated:\n", with: "\nsimulated:\n" + Self.drift)
    }
    assembled = try await file.assemble()
    start = assembled.clock.now
    known = try CalibratedBench(file.stated)
    try await assembled.bench.start()
  }

  private static let drift = """
      drift:
        interval: 60
        rate: {mirrorX: 1.5e-9, beamY: -1e-9, distance: 1e-10}
        walk: {mirrorX: 0.5e-6, mirrorY: 0.5e-6, beamX: 0.3e-6, beamY: 0.3e-6, distance: 20e-9, cameraX: 10e-9, cameraY: 10e-9}

    """

  func wait(until time: Double) async throws { try await assembled.clock.wait(until: start + UInt64(time * 1e9)) }

  func close() async throws { try await assembled.bench.stop() }

  var largest: Double { readings.max() ?? .nan }
  var largestRatio: Double { largest / readings[0] }
  var ratio: Double { readings[readings.count - 1] / readings[0] }

  @discardableResult
  func probe(_ threads: Int) async throws -> DriftProbe.Frames {
    let taken = try await DriftProbe().frames(of: assembled.bench, on: known, clock: assembled.clock)
    readings.append(try ProbeReading(taken, of: known, threads: threads).discrepancy)
    frames += taken.taken
    busy += taken.benchTime
    return taken
  }

  func calibrate(seed: UInt64, threads: Int) async throws {
    let report = try await run(JointFitRoutine(seed: seed), on: known, seed: seed, threads)
    calibrationFrames += report.frames
  }

  /// - Returns: whether it found anything better.
  func refine(_ group: TwinParameter.Group, seed: UInt64, _ threads: Int) async throws -> Bool {
    let (time, taken) = (assembled.clock.now, await accepted)
    let outcome: Result<RoutineReport, any Error>
    do {
      outcome = .success(try await run(RefinementRoutine(seed: seed), on: known.freeing([group]), seed: seed, threads))
    } catch {
      outcome = .failure(error)
    }
    let own = await accepted - taken
    (frames, refinementFrames) = (frames + own, refinementFrames + own)
    busy += Double(assembled.clock.now - time) * 1e-9
    if case .failure(let error) = outcome, !(error is CalibrationError) { throw error }
    return (try? outcome.get()) != nil
  }

  private var accepted: Int { get async { await assembled.bench.frameCounts["accepted"] ?? 0 } }

  private func run(
    _ routine: some CalibrationRoutine, on bench: CalibratedBench, seed: UInt64, _ threads: Int
  ) async throws -> RoutineReport {
    var acquisition = Acquisition(on: assembled.bench)
    let outcome = try await routine.run(on: bench, &acquisition, RoutineWork(threads: threads)).accepted()
    known = try known.adding(outcome, seed: seed)
    return outcome.report
  }
}
