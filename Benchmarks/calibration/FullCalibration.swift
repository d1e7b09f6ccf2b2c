import Arrays
import BenchFile
import Calibration
import Devices
import DriverCatalogue
import Foundation
import Measuring
import Simulated
import Twin

/// All of a simulated bench calibrated from nothing, as `odu-ctl calibrate` does it, beside its truth.
struct FullCalibration: Sendable {
  enum Bench: String, Sendable { case simulated, realistic }

  let file: BenchFile
  let configuration: SimulatedConfiguration
  /// By the twin's names, for the camera's pixels that the calibrated bench reads.
  private(set) var truth: [String: Double]
  /// With what was found, in the order in which it was.
  private(set) var known: CalibratedBench
  /// Frames that were taken, seconds of the bench's clock, and seconds of computing, wall clock.
  private(set) var frames = 0
  private(set) var benchTime = 0.0
  private(set) var computing = 0.0
  /// On patterns that no routine saw: how far the twin is off, and how much of it is noise (1 - Pearson).
  private(set) var unseen = (discrepancy: 0.0, noise: 0.0)
  /// Why it ended early; nil when everything was found.
  private(set) var failure: String?

  func product(_ kind: ProductKind) -> Product? { known.products.last { $0.kind == kind } }

  /// - Throws: what opening the bench throws, not what a routine fails of.
  init(_ bench: Bench, seed: UInt64, threads: Int) async throws {
    file = try BenchFile.profile(bench.rawValue, seed: seed)
    guard let configuration = file.driverSections["simulated"] as? SimulatedConfiguration else {
      throw CocoaError(.fileReadCorruptFile)
    }
    let assembled = try await file.assemble()
    (self.configuration, truth) = (configuration, assembled.truth ?? [:])
    known = try CalibratedBench(file.stated)
    try await assembled.bench.start()
    let start = assembled.clock.now
    do {
      try await calibrate(assembled, seed: seed, threads: threads)
    } catch {
      failure = "\(error)"
    }
    benchTime = Double(assembled.clock.now - start) * 1e-9
    if let before = known.stated.layout?.camera, let now = known.layout?.camera { moveShift(from: before, to: now) }
    if failure == nil { unseen = try await judge(assembled.bench, seed: seed, threads: threads) }
    try await assembled.bench.stop()
  }

  private mutating func calibrate(_ assembled: AssembledBench, seed: UInt64, threads: Int) async throws {
    let (watch, began) = (Stopwatch(), Date())
    let instrument = BenchInstrument(
      unit: assembled.bench, modulators: assembled.modulators, camera: assembled.camera, clock: assembled.clock)
    var acquisition = Acquisition(
      on: TimedUnit(unit: assembled.bench, watch: watch), raw: TimedBench(instrument, watch))
    let plan = CalibrationPlan(RoutineCatalogue.standard.members, on: known.stated, inForce: [])
    defer { computing = -began.timeIntervalSinceNow - watch.seconds }
    for step in plan.steps where step.state.runs {
      let routine = step.routine.init(seed: seed)
      let outcome = try await routine.run(on: known, &acquisition, RoutineWork(threads: threads)).accepted()
      known = try known.adding(outcome, seed: seed)
      if let operation = known.operation { try await assembled.bench.adopt(operation) }
      frames += outcome.report.frames
    }
  }

  /// The camera's shift is counted from the first pixel that is read, which registration may choose anew; both lie upright.
  private mutating func moveShift(from before: CameraLayout, to now: CameraLayout) {
    let (x, y) = (Double(now.x - before.x), Double(now.y - before.y))
    let rotation = truth["detectorRotation"] ?? 0
    let scale = (truth["detectorScale"] ?? 1) * file.twin.geometry.pitch
    truth["detectorShiftX", default: 0] += scale * (cos(rotation) * x - sin(rotation) * y)
    truth["detectorShiftY", default: 0] += scale * (sin(rotation) * x + cos(rotation) * y)
  }

  /// Patterns that are measured to judge by.
  private static let judged = 8
  /// The image value with which they do not saturate.
  private static let dimmed: Float = 0.7

  private func judge(_ bench: any OpticalUnit, seed: UInt64, threads: Int) async throws -> (Double, Double) {
    let geometry = known.description.geometry
    let patterns = SquarePatterns(layers: geometry.layers, grid: geometry.grid)
      .series(Self.judged, seed: seed &+ 1_000_000)
    let size = known.description.input.size
    let white = Stack<Float>(count: 1, height: size, width: size, repeating: Self.dimmed)
    var description = known.description
    description.geometry.sampling = max(2, description.geometry.sampling)
    let twin = try Twin<Double>(description, parameters: known.parameters, threads: threads)
    var sums = (discrepancy: 0.0, noise: 0.0)
    for pattern in patterns {
      let seen = try await bench.intensities(layers: pattern, inputs: white, block: 1)
      let again = try await bench.intensities(layers: pattern, inputs: white, block: 1)
      let predicted = try twin.forward(layers: pattern.converted(), inputs: white.converted(), block: 1)
      sums.discrepancy += Discrepancy(seen.converted(to: Double.self), predicted).pearson
      // Both frames have noise, the prediction has none.
      sums.noise += Discrepancy(seen, again).pearson / 2
    }
    return (sums.discrepancy / Double(Self.judged), sums.noise / Double(Self.judged))
  }
}

/// One run of a bench and a seed serves all rows that ask for it.
actor FullCalibrations {
  static let shared = FullCalibrations()
  private var kept: [String: FullCalibration] = [:]

  func run(_ bench: FullCalibration.Bench, seed: UInt64, threads: Int) async throws -> FullCalibration {
    let key = "\(bench) \(seed)"
    if let found = kept[key] { return found }
    let run = try await FullCalibration(bench, seed: seed, threads: threads)
    kept[key] = run
    return run
  }
}
