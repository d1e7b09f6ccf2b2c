import Arrays
import Devices
import Simulated
import Testing

/// A bench that measures by what is known of it instead of what its file states.
@Suite("What a bench is known to be") struct KnowledgeTests {
  /// A bench, without noise by default, whose camera lies in one way and is stated in another. Its detector region has 28 × 20 samples.
  private func bench(
    _ orientation: Orientation, stated: Orientation = .upright, at corner: PanelPoint = PanelPoint(x: 6, y: 4),
    noise: SensorNoise = .none
  ) throws -> Bench {
    var configuration = TestBench.configuration(noise: noise)
    configuration.imaging.orientation = orientation
    return try TestBench(configuration, distance: 1e-3, camera: Self.layout(stated, at: corner)).bench
  }

  private static func layout(_ orientation: Orientation, at corner: PanelPoint = PanelPoint(x: 6, y: 4)) -> CameraLayout
  {
    let size = orientation.size(ofPlane: 28, 20)
    return CameraLayout(x: corner.x, y: corner.y, width: size.width, height: size.height, orientation: orientation)
  }

  private func measure(_ bench: Bench, block: Int? = 1) async throws -> Stack<Float> {
    try await bench.start()
    let measured = try await bench.intensities(
      layers: TestBench.layers(step: 1), inputs: TestBench.codes(1), block: block)
    try await bench.stop()
    return measured
  }

  @Test("an orientation that was found lays frames upright, and what the file states counts again without it")
  func orientation() async throws {
    let expected = try await measure(bench(.upright))
    let bench = try bench(.rotated90)
    let before = try await measure(bench)
    #expect(before != expected)
    try await bench.adopt(BenchKnowledge(timing: TestBench.patient, camera: Self.layout(.rotated90)))
    #expect(try await measure(bench) == expected)
    try await bench.adopt(BenchKnowledge(bench.layout))
    #expect(try await measure(bench) == before)
  }

  @Test("waiting times that were found are waited for")
  func timing() async throws {
    // Without noise the frame that counts would be the same as one that was too early, and be taken for its duplicate.
    let bench = try bench(.upright, noise: SensorNoise())
    var timing = TestBench.patient
    timing.inputSettle = 7e-3
    try await bench.adopt(BenchKnowledge(timing: timing, camera: bench.layout.camera))
    try await bench.start()
    let measured = try await bench.measure(layers: TestBench.layers(), inputs: TestBench.codes(3), block: 4)
    let exposures = try #require(measured.exposures?.images)
    for exposure in exposures {
      #expect(exposure.settled - exposure.presented >= 7_020_000)
      #expect(exposure.start >= exposure.settled)
    }
  }

  @Test("a pixel that says nothing has the mean of its neighbours, and is no reason to find a frame saturated")
  func defects() async throws {
    let camera = Self.layout(.mirroredRotated90)
    let sensor = (width: 48, height: 40)
    let frame = Frame(
      width: sensor.width, height: sensor.height, pixels: (0..<48 * 40).map { UInt16(100 + $0 % 48) }, sequence: 1,
      exposureStart: 0, exposureEnd: 1)
    func read(_ frame: Frame, _ defects: [PanelPoint], block: Int) throws -> (values: [Float], clipped: Int) {
      let readout = try RegionReadout(camera: camera, block: block, fullScale: 4095, defects: defects)
      var values: [Float] = []
      let clipped = readout.append(frame, to: &values)
      return (values, clipped)
    }
    // On a ramp the mean of all eight neighbours is the pixel's own value.
    let defects = [PanelPoint(x: 9, y: 8), PanelPoint(x: 20, y: 30), PanelPoint(x: 2, y: 2)]
    for block in [1, 4] {
      let sound = try read(frame, [], block: block)
      var spoilt = frame
      for defect in defects { spoilt.pixels[defect.y * sensor.width + defect.x] = 4095 }
      #expect(try read(spoilt, [], block: block).clipped == 2)
      let repaired = try read(spoilt, defects, block: block)
      #expect(repaired.clipped == 0)
      for (value, right) in zip(repaired.values, sound.values) { #expect(abs(value - right) < 1e-6) }
    }
  }

  @Test("what cannot be is refused, and the bench measures as before")
  func refusal() async throws {
    let bench = try bench(.upright)
    let before = try await measure(bench)
    var timing = TestBench.patient
    timing.layerSettle = -1
    for knowledge in [
      BenchKnowledge(timing: timing, camera: bench.layout.camera),
      BenchKnowledge(timing: TestBench.patient, camera: Self.layout(.upright, at: PanelPoint(x: 30, y: 4))),
      BenchKnowledge(timing: TestBench.patient, camera: CameraLayout(x: 6, y: 4, width: 20, height: 20)),
    ] {
      await #expect(throws: BenchError.self) { try await bench.adopt(knowledge) }
    }
    #expect(await bench.known == BenchKnowledge(bench.layout))
    #expect(try await measure(bench) == before)
  }
}
