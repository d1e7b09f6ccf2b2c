import Arrays
import Devices
import Measuring
import Simulated
import Testing

@Suite("What the bench says of a measurement")
struct EvidenceTests {
  @Test(
    "every image has the times of its own frame: at rest before the exposure, in order, and settings and counts beside them"
  )
  func times() async throws {
    let faults = FrameFaults(dropped: 0.05, late: 0.05, torn: 0.1, disconnected: 0.02, outage: 1)
    let test = try TestBench(TestBench.configuration(faults: faults))
    await test.bench.observe { _ in }
    try await test.bench.start()
    let measured = try await test.bench.measure(
      layers: TestBench.layers(), inputs: TestBench.codes(80), block: TestBench.block)
    let exposures = try #require(measured.exposures)
    #expect(exposures.images.count == 80 && measured.intensities.count == 80)
    for exposure in exposures.images {
      #expect(exposure.presented < exposure.settled && exposure.settled <= exposure.start)
      #expect(exposure.end == exposure.start + 1_000_000)
      #expect(exposure.evidence == .verticalBlank && exposure.clipped == 0)
    }
    for (earlier, later) in zip(exposures.images, exposures.images.dropFirst()) {
      #expect(earlier.end <= later.presented)
    }
    #expect(exposures.matching.accepted == 80)
    #expect(exposures.matching.erroneous > 3)
    // What was rejected while the camera was lost belongs to no image.
    let rejected = exposures.images.map(\.rejected).reduce(0, +)
    #expect(rejected > 3 && rejected <= exposures.matching.rejected)
    #expect(exposures.settings == CameraSettings(exposure: 1e-3))
  }

  @Test("counts are those of the measurement alone")
  func counts() async throws {
    let test = try TestBench()
    try await test.bench.start()
    for count in [3, 5] {
      let measured = try await test.bench.measure(
        layers: TestBench.layers(), inputs: TestBench.codes(count), block: TestBench.block)
      #expect(measured.exposures?.matching.accepted == count)
    }
  }

  @Test("a pixel at full scale is told although the mean of its block is below")
  func clipping() async throws {
    var configuration = TestBench.configuration()
    configuration.camera.fullScaleIntensity = 0.9
    let test = try TestBench(configuration)
    try await test.bench.start()
    let measured = try await test.bench.measure(layers: TestBench.layers(), inputs: TestBench.codes(1), block: 32)
    #expect(measured.intensities.values.allSatisfy { $0 < 1 })
    #expect(measured.isSaturated)
  }

  @Test("the instrument works on the devices of the bench that measures, and leaves it as it was")
  func instrument() async throws {
    let test = try TestBench()
    let simulated = test.simulated
    let instrument = BenchInstrument(
      unit: test.bench, modulators: [simulated.layerModulator] + [simulated.inputModulator].compactMap { $0 },
      camera: simulated.camera, clock: simulated.clock)
    try await test.bench.start()
    let before = try await test.bench.intensities(
      layers: TestBench.layers(), inputs: TestBench.codes(1), block: TestBench.block)

    // The region of the input panel that the image lies on, bright, and nothing else.
    var bright = Pattern(width: 128, height: 80)
    for y in 50..<62 { for x in 3..<15 { bright.levels[y * 128 + x] = 255 } }
    let receipt = try await instrument.show(bright, on: "simulated input modulator")
    let settled = receipt.time + nanoseconds(70e-6)
    let lit = try await instrument.expose(from: settled)
    let dim = try await instrument.expose(with: CameraSettings(exposure: 0.5e-3), from: settled)
    let dark = try await instrument.exposeDark()
    func sum(_ series: BenchInstrument.Series) -> Int { series.frames[0].pixels.reduce(0) { $0 + Int($1) } }
    #expect(sum(lit) > 1000 && abs(Double(sum(dim)) / Double(sum(lit)) - 0.5) < 0.02)
    #expect(50 * sum(dark) < sum(lit))
    #expect(dim.settings.exposure == 0.5e-3)
    #expect(await simulated.camera.settings.exposure == 1e-3)
    let limits = await instrument.camera.limits
    #expect(limits.exposure?.contains(1e-3) == true && limits.gain?.contains(1) == true)

    try await test.bench.start()
    let after = try await test.bench.intensities(
      layers: TestBench.layers(), inputs: TestBench.codes(1), block: TestBench.block)
    #expect(TestBench.decode(after) == TestBench.decode(before))
  }
}
