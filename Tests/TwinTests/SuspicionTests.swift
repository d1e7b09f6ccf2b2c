import Arrays
import Testing
import Twin

/// What is said of frames that no fit explains, on measurements of a twin by a twin.
@Suite struct SuspicionTests {
  private static let tilted = [
    "mirrorGap": 4.05e-3, "mirrorTiltX": 1.2e-3, "mirrorTiltY": -0.8e-3, "beamTiltX": -1.5e-3, "beamTiltY": 0.9e-3,
  ]

  private func suspicions(_ data: FitData, _ example: FitExample) throws -> [Suspicion] {
    let twin = try example.start()
    let report = try twin.fit(data, free: ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"])
    return try twin.suspicions(data, refused: report.after)
  }

  @Test("clipped samples are seen without being told of the limit, and counted")
  func saturation() throws {
    let example = try FitExample(Self.tilted)
    var data = example.data
    let limit = data.frames.values.sorted()[data.frames.values.count * 95 / 100]
    data.frames.values = data.frames.values.map { min($0, limit) }
    let found = try #require(try suspicions(data, example).first)
    #expect(found.kind == .saturation && found.words.hasPrefix("5.0 % of the frames' samples"), "\(found)")
  }

  @Test("noise that is most of what the twin misses is called too little light", arguments: [0.5, 1.5])
  func light(noise: Double) throws {
    let example = try FitExample(Self.tilted, noise: noise)
    let found = try suspicions(example.data, example)
    #expect(found.map(\.kind) == [.light], "\(found)")
  }

  @Test("what no trial explains is left without a name: an aberration that the twin is not told of")
  func unknown() throws {
    let aberrated = ["modulatorZernike5": 2.0, "modulatorZernike8": 1.5, "modulatorZernike11": 1.0]
    let example = try FitExample(Self.tilted.merging(aberrated) { $1 })
    let twin = try example.start()
    let report = try twin.fit(
      example.data, free: ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"])
    #expect(!report.verdict.isSufficient, "\(report.after)")
    #expect(try twin.suspicions(example.data, refused: report.after).isEmpty)
  }

  @Test("patterns of 0 and pi alone do not show the sign of the phase: the frames of both signs are the same")
  func signs() throws {
    var example = try FitExample(Self.tilted, frames: 3, heldOut: 1)
    #expect(example.data.showsPhases)
    func frame(_ sign: Double) throws -> Stack<Double> {
      var pattern = example.data.patterns[0]
      pattern.values = pattern.values.map { sign * $0 }
      return try example.start().forward(layers: pattern, inputs: example.data.inputs)
    }
    func largestChange() throws -> Double {
      zip(try frame(1).values, try frame(-1).values).map { abs($0 - $1) }.max() ?? 0
    }
    #expect(try largestChange() > 0.1)
    example.data.patterns = example.data.patterns.map { pattern in
      var binary = pattern
      binary.values = pattern.values.map { $0 == 0 ? 0 : .pi }
      return binary
    }
    #expect(!example.data.showsPhases)
    #expect(try largestChange() < 1e-9)
  }

  @Test("frames that are not square are tried in the four orientations of their shape")
  func oblong() throws {
    var example = try FitExample(Self.tilted, frames: 12)
    example.description.detector = DetectorDescription(block: 1, region: Region(x: 4, y: 8, width: 32, height: 24))
    let twin = try Twin<Double>(example.description, parameters: example.truth.freeing([]), threads: 2)
    let frames = try example.data.patterns.flatMap {
      try twin.forward(layers: $0, inputs: example.data.inputs, block: 1).values
    }
    example.data.frames = Stack(count: 12, height: 24, width: 32, values: frames)
    let upsideDown = Orientation.mirroredRotated180.pictures(of: example.data.frames)
    example.data.frames = upsideDown
    let found = try #require(try suspicions(example.data, example).first)
    #expect(found.words.contains("layout.camera.orientation: mirroredRotated180"), "\(found)")
  }
}
