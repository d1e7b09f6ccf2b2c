import Arrays
import Devices
import Simulated
import Testing

@Suite struct RestTests {
  /// Noise, faults and drift, so that a frame tells when it was taken and what was lost before.
  private func bench() throws -> TestBench {
    var configuration = TestBench.configuration(
      faults: FrameFaults(dropped: 0.2, duplicated: 0.2, stale: 0.2, late: 0.2))
    configuration.drift = Drift(rate: .init(beamX: 2e-3), walk: .init(cameraX: 1e-6), interval: 0.05)
    return try TestBench(configuration)
  }

  private func frames(_ bench: TestBench, from first: Int = 0) async throws -> [[UInt16]] {
    let inputs = TestBench.codes(first + 6).planes(first..<first + 6)
    return try await bench.bench.measureFrames(layers: TestBench.layers(step: 1), inputs: inputs).map(\.pixels)
  }

  @Test("a bench made anew and restarted at the time of rest takes the same frames, pixel for pixel")
  func restart() async throws {
    let first = try bench()
    try await first.bench.start()
    _ = try await frames(first)
    try await first.bench.stop()
    let time = first.simulated.clock.rest()
    try await first.bench.start()
    let expected = try await frames(first, from: 6)

    let second = try bench()
    second.simulated.clock.restart(at: time)
    try await second.bench.start()
    #expect(try await frames(second, from: 6) == expected)
    // The same pictures at another time look different.
    #expect(try await frames(second, from: 6) != expected)

    // Nothing of what was on the panels and in the camera is left, also when the clock goes back.
    try await second.bench.stop()
    second.simulated.clock.restart(at: time)
    try await second.bench.start()
    #expect(try await frames(second, from: 6) == expected)
  }

  @Test("a bench at rest has waited until its panels had settled")
  func settling() async throws {
    let bench = try bench()
    try await bench.bench.start()
    _ = try await frames(bench)
    try await bench.bench.stop()
    let stopped = bench.simulated.clock.now
    let panel = TestBench.configuration().layerPanel
    #expect(bench.simulated.clock.rest() >= stopped + nanoseconds(panel.latency + panel.settle))
    #expect(await bench.simulated.camera.state == .ready)
    #expect(await bench.simulated.layerModulator.state == .ready)
  }

  @Test("a clock that is set to the end of time leaves room to go on")
  func endOfTime() async throws {
    let bench = try TestBench()
    bench.simulated.clock.restart(at: .max)
    try await bench.bench.start()
    #expect(try await frames(bench).count == 6)
  }
}
