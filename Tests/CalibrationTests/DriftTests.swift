import Arrays
import BenchTestKit
import Calibration
import Concurrency
import Devices
import Measuring
import Testing
import Twin

/// Protects what a probe says of a bench that has drifted: how far, and which group of parameters it was.
@Suite("Drift") struct DriftTests {
  private struct Unit: OpticalUnit {
    let twin: Twin<Float>
    var noise: Float = 0
    private let count = Locked<UInt64>(0)

    init(twin: Twin<Float>, noise: Float) { (self.twin, self.noise) = (twin, noise) }

    func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
      var frames = try twin.forward(layers: layers, inputs: inputs, block: block)
      let random = CounterRandom(
        seed: count.withLock { count in
          count += 1
          return count
        })
      for index in frames.values.indices {
        frames.values[index] *= 1 + noise * Float(random.normal(at: UInt64(index)))
      }
      return Measured(intensities: frames)
    }
  }

  private static let description = TwinDescription(
    geometry: GeometryDescription(
      kind: .cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 24, layers: 2, distance: 3e-3, padding: 1.5, sampling: 1),
    input: InputDescription(size: 5, block: 4), detector: DetectorDescription(block: 1))

  /// What is known; it is what the bench was before it drifted.
  private func known() throws -> CalibratedBench {
    var parameters = TwinParameters(nominalFor: Self.description)
    (parameters["beamTiltX"], parameters["mirrorTiltY"]) = (0.7e-3, 0.3e-3)
    return try CalibratedBench(
      StatedBench(description: Self.description, parameters: TwinParameters(nominalFor: Self.description)),
      products: [
        Product(
          content: .twin(parameters),
          posterior: Posterior(names: ["beamTiltX", "response1"], covariance: [1e-12, 0, 0, 1e-4]),
          report: RoutineReport(estimates: [], frames: 0, fitted: 0),
          provenance: Provenance(routine: "twin", software: "test"))
      ])
  }

  /// The bench after something has moved.
  private func unit(_ moved: [String: Double], noise: Float = 0, on bench: CalibratedBench) throws -> Unit {
    var (description, parameters) = (Self.description, bench.parameters)
    // As the probe computes.
    description.geometry.sampling = 2
    for (name, by) in moved { parameters[name] += by }
    return Unit(twin: try Twin<Float>(description, parameters: parameters), noise: noise)
  }

  private func frames(_ unit: any OpticalUnit, on bench: CalibratedBench) async throws -> DriftProbe.Frames {
    try await DriftProbe().frames(of: unit, on: bench, clock: StageClock())
  }

  @Test(
    "the reading is 1 - Pearson of bench and twin; on a bench that has not moved, it is the noise that two frames tell")
  func reading() async throws {
    let bench = try known()
    let still = try await frames(unit([:], on: bench), on: bench)
    let exact = try ProbeReading(still, of: bench, threads: 2)
    #expect(exact.discrepancy < 1e-6 && exact.noiseFloor < 1e-9 && still.taken == DriftProbe.patterns + 2)
    let noisy = try ProbeReading(
      try await frames(unit([:], noise: 0.1, on: bench), on: bench), of: bench, threads: 2)
    #expect(noisy.discrepancy > 1e-4 && abs(noisy.discrepancy / noisy.noiseFloor - 1) < 0.5, "\(noisy)")
    let moved = try ProbeReading(
      try await frames(unit(["mirrorTiltX": 0.3e-3], on: bench), on: bench), of: bench, threads: 2)
    #expect(moved.discrepancy > 0.005, "\(moved)")
  }

  @Test(
    "the group that has moved is named, and the discrepancy that is expected with it found again is small",
    arguments: [
      (["mirrorTiltX": 0.1e-3], TwinParameter.Group.alignment), (["beamTiltY": -0.1e-3], .alignment),
      (["detectorShiftX": 5e-6, "detectorShiftY": -3e-6], .registration), (["response1": 0.05], .modulator),
    ])
  func explanation(moved: [String: Double], group: TwinParameter.Group) async throws {
    let bench = try known()
    let frames = try await frames(unit(moved, noise: 0.02, on: bench), on: bench)
    let reading = try ProbeReading(frames, of: bench, threads: 2)
    let found = try #require(try DriftExplanation(frames, of: bench, start: reading.noiseFloor, threads: 2))
    #expect(found.group == group && found.expected < 0.3 * reading.discrepancy, "\(found) of \(reading)")
  }

  @Test("frames of another pattern are explained by no group")
  func unexplained() async throws {
    struct Foreign: OpticalUnit {
      func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
        let random = CounterRandom(seed: 3)
        let values = (0..<24 * 24).map { Float(random.uniform(at: UInt64($0))) }
        return Measured(intensities: Stack(count: 1, height: 24, width: 24, values: values))
      }
    }
    let bench = try known()
    #expect(try DriftExplanation(try await frames(Foreign(), on: bench), of: bench, start: 1e-3, threads: 2) == nil)
  }

  @Test("a slow bench shows fewer patterns, within the budget")
  func slow() async throws {
    struct Slow: OpticalUnit {
      let unit: Unit
      let clock: StageClock
      func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
        clock.advance(by: 350_000_000)
        return try await unit.measure(layers: layers, inputs: inputs, block: block)
      }
    }
    let (bench, clock) = (try known(), StageClock())
    let unit = Slow(unit: try unit([:], on: bench), clock: clock)
    let frames = try await DriftProbe().frames(of: unit, on: bench, clock: clock)
    #expect(frames.taken == 5 && frames.benchTime <= DriftProbe.budget, "\(frames.taken) in \(frames.benchTime) s")
  }

  @Test(
    "a refinement finds the group again from few frames, leaves the rest alone, and keeps what was known to be sure")
  func refinement() async throws {
    let bench = try known()
    let unit = try unit(["mirrorTiltX": 0.2e-3], noise: 0.02, on: bench)
    var acquisition = Acquisition(on: unit)
    let freed = try bench.freeing([.alignment])
    let outcome = try await RefinementRoutine(seed: 4).run(on: freed, &acquisition, RoutineWork(threads: 2)).accepted()
    guard case .twin(let found) = outcome.content else { throw CalibrationError.noLight }
    // Angles of mirror and beam make nearly the same of these frames, so that the stated deviation decides.
    let deviation = try #require(outcome.posterior.standardDeviation(of: "mirrorTiltX"))
    #expect(
      abs(found["mirrorTiltX"] - 0.2e-3) < 3 * deviation && deviation < 0.05e-3,
      "\(found["mirrorTiltX"]) ± \(deviation)")
    let (before, after) = (try #require(outcome.report.before), try #require(outcome.report.after))
    #expect(after.pearson < 0.3 * before.pearson, "\(after), \(before)")
    #expect(found["response1"] == bench.parameters["response1"] && outcome.report.frames == 13)
    #expect(outcome.posterior.standardDeviation(of: "response1") == 0.01)
  }

  @Test("what is no better than what was known is refused, and said with both figures")
  func notBetter() async throws {
    let bench = try known()
    var acquisition = Acquisition(on: try unit([:], noise: 0.1, on: bench))
    let freed = try bench.freeing([.alignment])
    await #expect {
      try await RefinementRoutine(seed: 4).run(on: freed, &acquisition, RoutineWork(threads: 2))
    } throws: { error in
      guard case CalibrationError.notBetter(let before, let after) = error else { return false }
      return after > 0.95 * before && "\(error)".contains("what was in force stays")
    }
  }
}
