import Arrays
import BenchFile
import Calibration
import Devices
import DriverCatalogue
import Foundation
import Simulated
import Twin

/// The wavefront of the light, from ten random patterns after a joint fit: root mean square of what is off, without piston and tilts, on the
/// part that an image lights. Where the input is imaged on the first layer, its truth is that of the source with that layer's flatness.
struct WavefrontRow: Row {
  enum Bench: String { case simulated, realistic }

  let bench: Bench

  var name: String { "wavefront-\(bench.rawValue)" }
  var title: String {
    switch bench {
    case .simulated: "wavefront, ideal modulator (`simulated` with the light of `realistic`), 10 patterns"
    case .realistic: "wavefront, every effect on (`realistic`), 10 patterns"
    }
  }
  var unit: String { "waves" }
  var goal: String { bench == .realistic ? "1/170 = 0.0059 waves" : "1/300 = 0.0033 waves" }

  func measure(seed: UInt64, threads: Int) async throws -> Measurement {
    let file = try BenchFile.profile(bench.rawValue, seed: seed, altered: lit)
    guard let configuration = file.driverSections["simulated"] as? SimulatedConfiguration else {
      throw CocoaError(.fileReadCorruptFile)
    }
    let assembled = try await file.assemble()
    try await assembled.bench.start()
    let benchClock = assembled.clock
    let start = benchClock.now
    var acquisition = Acquisition(on: assembled.bench)
    var known = try CalibratedBench(file.stated)
    let work = RoutineWork(threads: threads)
    func run(_ routine: some CalibrationRoutine) async throws -> RoutineOutcome {
      let outcome = try await routine.run(on: known, &acquisition, work).accepted()
      known = try known.adding(outcome, seed: seed)
      return outcome
    }
    let joint = try await run(JointFitRoutine(seed: seed))
    let before = try Off(known, configuration, file).rms
    let (began, processor) = (Date(), clock())
    let found = try await run(SourceRoutine(seed: seed))
    let seconds = -began.timeIntervalSinceNow
    let processorTime = Double(clock() - processor) / Double(CLOCKS_PER_SEC)
    let benchTime = Double(benchClock.now - start) * 1e-9
    try await assembled.bench.stop()
    let off = try Off(known, configuration, file)
    let after = off.rms
    let forms = known.description.forms
    let layers = (forms.layers ?? []).map { String(format: "%.3f", $0.rms) }.joined(separator: ", ")
    return Measurement(
      value: after, frames: joint.report.frames + found.report.frames, ownFrames: found.report.frames,
      benchTime: benchTime, computing: seconds,
      note: String(
        format:
          "λ/%.0f, without polynomials up to 15 λ/%.0f; %@; λ/%.0f after the joint fit; map of %d, of the layers %@; held-out "
          + "discrepancy %.4f (%.4f before), residuals %.2g times the noise; %.0f s of processor time",
        1 / after, 1 / off.beyondPolynomials, off.judgement(of: found.posterior), 1 / before,
        forms.source?.fineness ?? 0, layers.isEmpty ? "none" : "\(layers) rad",
        found.report.after?.pearson ?? .nan, found.report.before?.pearson ?? .nan, found.report.noiseRatio ?? .nan,
        processorTime))
  }

  /// The profile; `simulated` with the light of `realistic`, and parameters for it.
  private func lit(_ text: String) -> String {
    guard bench == .simulated else { return text }
    let light = """
      source: {curvature: 0.25, slopeX: 0.08, slopeY: -0.05, aberration: {rms: 0.65, roughness: 0.1, roughnessLength: 200e-6}}
      """
    let free =
      ["Curvature", "SlopeX", "SlopeY"].map { "  illumination\($0): {prior: 0.2, free: true}" }
      + (4...11).map { "  modulatorZernike\($0): {prior: 0.4, free: true}" }
    return text.replacing("\nparameters:\n", with: "\nparameters:\n" + free.joined(separator: "\n") + "\n")
      .replacing("\nsimulated:\n", with: "\nsimulated:\n  " + light + "\n")
  }
}

/// How far a wavefront is from its truth.
private struct Off {
  private let wavefront: LitWavefront
  /// In radians, on all samples.
  private let phase: [Double]

  init(_ known: CalibratedBench, _ configuration: SimulatedConfiguration, _ file: BenchFile) throws {
    let hidden = try HiddenBench(configuration, optics: NominalOptics(file.twin))
    let geometry = file.twin.geometry
    let grid = PlantGrid(grid: geometry.grid, canvas: geometry.grid, sampling: geometry.sampling, pitch: geometry.pitch)
    wavefront = try LitWavefront(file.twin)
    phase = zip(wavefront.phase(known.parameters, known.description.source.map), hidden.wavefront(on: grid)).map {
      $0 - $1
    }
  }

  /// In waves, without piston and tilts.
  var rms: Double { Self.waves(wavefront.withoutTilt(phase)) }

  /// In waves, without all polynomials that ``LitWavefront`` tells.
  var beyondPolynomials: Double { Self.waves(wavefront.withoutPolynomials(phase)) }

  /// How many of the stated deviations of the low polynomials hold.
  func judgement(of posterior: Posterior) -> String {
    let ratios = (4...11).compactMap { noll in
      posterior.standardDeviation(of: "modulatorZernike\(noll)").map {
        abs(wavefront.coefficient(noll, of: phase)) / $0
      }
    }
    return String(
      format: "%d of %d polynomials within 2σ, the worst at %.1f", ratios.count { $0 <= 2 }, ratios.count,
      ratios.max() ?? 0)
  }

  private static func waves(_ values: [Double]) -> Double {
    (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot() / (2 * .pi)
  }
}
