import Arrays
import Calibration
import Optics
import Testing
import Twin

@Suite struct AlignmentTests {
  private let description = SmallBench.cavity(grid: 64, block: 4)

  @Test("a calibration that starts at zero angles finds the five parameters of a noisy bench")
  func recovery() async throws {
    let truth = SmallBench.parameters(description, gap: 0.1e-3)
    let bench = NoisyUnit(twin: try Twin<Float>(description, parameters: truth), noise: 0.01)
    let report = try await AlignmentRoutine(seed: 3).run(on: bench, twin: try Twin<Double>(description))
    #expect(report.isAccepted)
    #expect(report.after.pearson < report.before.pearson / 10)
    #expect(report.entries.map(\.name) == truth.names)
    for entry in report.entries {
      let error = abs(entry.value - truth[entry.name])
      #expect(error < (entry.unit == "m" ? 20e-6 : 0.01 * abs(truth[entry.name])), "\(entry)")
      #expect(report.parameters[entry.name] == entry.value)
      #expect(entry.standardDeviation > 0 && error < 6 * entry.standardDeviation, "\(entry)")
    }
    #expect(report.frames == 24)
    #expect((0..<5).allSatisfy { abs(report.correlations[6 * $0] - 1) < 1e-9 })
  }

  @Test("a bench whose frames are noise gives a report that is not accepted")
  func noise() async throws {
    let bench = BlindUnit(twin: try Twin<Float>(description))
    var routine = AlignmentRoutine(seed: 3)
    routine.fitted = 8
    routine.heldOut = 4
    let report = try await routine.run(on: bench, twin: try Twin<Double>(description))
    #expect(!report.isAccepted)
    #expect(report.after.pearson > 0.5)
  }

  @Test("a unit that fails ends the calibration with its own error")
  func failingUnit() async throws {
    struct Failure: Error {}
    struct FailingUnit: OpticalUnit {
      func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Stack<Float> {
        throw Failure()
      }
    }
    let twin = try Twin<Double>(description)
    await #expect(throws: Failure.self) { try await AlignmentRoutine().run(on: FailingUnit(), twin: twin) }
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
