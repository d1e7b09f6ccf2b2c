import Arrays
import BenchTestKit
import Calibration
import Measuring
import Optics
import Testing
import Twin

@Suite struct AlignmentTests {
  private let description = SmallBench.cavity(grid: 64, block: 4)

  /// What takes the bench's place: a twin as finely sampled as the routine's, since a bench has no grid.
  private func bench(_ truth: TwinParameters) throws -> Twin<Float> {
    var description = description
    description.geometry.sampling = 2
    return try Twin<Float>(description, parameters: truth)
  }

  @Test("a calibration that starts at zero angles finds the five parameters of a noisy bench")
  func recovery() async throws {
    let truth = SmallBench.parameters(description, gap: 0.1e-3)
    let unit = NoisyUnit(twin: try bench(truth), noise: 0.01)
    let report = try await jointFit(on: unit, twin: try Twin<Double>(description), seed: 3)
    #expect(report.isAccepted)
    #expect(report.fit.after.pearson < report.fit.before.pearson / 10)
    #expect(report.fit.entries.map(\.name) == truth.free.map(\.name))
    for entry in report.fit.entries {
      let error = abs(entry.value - truth[entry.name])
      #expect(error < (entry.unit == "m" ? 20e-6 : 0.01 * abs(truth[entry.name])), "\(entry)")
      #expect(report.fit.parameters[entry.name] == entry.value)
      #expect(entry.standardDeviation > 0 && error < 6 * entry.standardDeviation, "\(entry)")
    }
    // 24 patterns, the first of them twice.
    #expect(report.frames == 25)
    #expect((0..<5).allSatisfy { abs(report.fit.correlations[6 * $0] - 1) < 1e-9 })
  }

  @Test("a bench that is calibrated already is accepted again and does not get worse")
  func repetition() async throws {
    let truth = SmallBench.parameters(description, gap: 0.1e-3)
    let unit = NoisyUnit(twin: try bench(truth), noise: 0.01)
    for seed in 1...2 {
      let report = try await jointFit(
        on: unit, twin: try Twin<Double>(description, parameters: truth), seed: UInt64(seed))
      #expect(report.isAccepted)
      #expect(report.fit.after.pearson <= report.fit.before.pearson)
      for entry in report.fit.entries { #expect(entry.standardDeviation < 0.01 * abs(entry.value), "\(entry)") }
    }
  }

  @Test("frames that saturate are taken again with less light, and counted")
  func saturation() async throws {
    let truth = SmallBench.parameters(description)
    let twin = try bench(truth)
    let unit = clipping(twin, at: 2.5)
    let report = try await jointFit(on: unit, twin: try Twin<Double>(description), seed: 3)
    #expect(report.isAccepted && report.frames > 25)
    for entry in report.fit.entries where entry.unit == "rad" {
      #expect(abs(entry.value - truth[entry.name]) < 0.01 * abs(truth[entry.name]), "\(entry)")
    }
    let dazzled = clipping(twin, at: 1e-6)
    await #expect(throws: CalibrationError.saturated) {
      try await jointFit(on: dazzled, twin: try Twin<Double>(description), seed: 3)
    }
  }

  @Test("a fit ends when its task is cancelled")
  func cancellation() async throws {
    let truth = SmallBench.parameters(description)
    let unit = NoisyUnit(twin: try bench(truth), noise: 0.01)
    let twin = try Twin<Double>(description)
    let task = Task {
      try await jointFit(on: unit, twin: twin, seed: 3) { phase, _, _ in
        // Cancels from within, at the first stage of the fit that is done.
        if phase == .fit { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("a bench whose frames are noise gives a report that is not accepted")
  func noise() async throws {
    let unit = blind(try Twin<Float>(description))
    let report = try await jointFit(on: unit, twin: try Twin<Double>(description), seed: 3, frames: (8, 4))
    #expect(!report.isAccepted)
    #expect(report.fit.after.pearson > 0.5)
  }

  @Test("a unit that fails ends the calibration with its own error")
  func failingUnit() async throws {
    struct Failure: Error {}
    let failing = AlteredUnit(try Twin<Float>(description)) { _, _ in throw Failure() }
    let twin = try Twin<Double>(description)
    await #expect(throws: Failure.self) { try await jointFit(on: failing, twin: twin) }
  }

  @Test("square patterns are phases of 0 and π, the same for the same seed, different for different indices")
  func patterns() {
    let plan = SquarePatterns(layers: 2, grid: 40)
    let random = CounterRandom(seed: 5)
    let pattern = plan.pattern(0, random: random)
    #expect(Set(pattern.values) == [0, .pi])
    #expect(plan.pattern(0, random: random) == pattern)
    #expect(plan.pattern(1, random: random) != pattern)
    #expect(plan.pattern(0, random: CounterRandom(seed: 6)) != pattern)
    #expect(pattern.planes(0..<1) != pattern.planes(1..<2))
  }
}
