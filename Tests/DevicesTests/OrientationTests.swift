import Arrays
import Devices
import Simulated
import Testing

/// A camera that shows the detector plane turned or mirrored.
@Suite("The camera's orientation")
struct OrientationTests {
  /// A bench without noise whose camera truly lies in one way and is described in another. Its detector region has 28 × 20
  /// samples.
  private func bench(true orientation: Orientation, stated: Orientation, imaging: ImagingImperfection = .none) throws
    -> Bench
  {
    var configuration = TestBench.configuration(noise: .none)
    configuration.imaging = imaging
    configuration.imaging.orientation = orientation
    let size = stated.size(ofPlane: 28, 20)
    return try TestBench(
      configuration, distance: 1e-3,
      camera: CameraLayout(x: 6, y: 4, width: size.width, height: size.height, orientation: stated)
    ).bench
  }

  private func measure(_ bench: Bench, block: Int? = 1) async throws -> Stack<Float> {
    try await bench.start()
    return try await bench.intensities(layers: TestBench.layers(step: 1), inputs: TestBench.codes(1), block: block)
  }

  @Test("what is measured lies as the plane does, however the camera is turned", arguments: Orientation.allCases)
  func upright(orientation: Orientation) async throws {
    for block in [1, 4] {
      let expected = try await measure(bench(true: .upright, stated: .upright), block: block)
      #expect(expected.width == 28 / block && expected.height == 20 / block)
      #expect(Set(expected.values).count > 20, "a frame that shows its orientation")
      #expect(try await measure(bench(true: orientation, stated: orientation), block: block) == expected)
    }
  }

  @Test(
    "the same through an imperfect relay, whose shift and rotation are those of the plane",
    arguments: Orientation.allCases)
  func registered(orientation: Orientation) async throws {
    let imaging = ImagingImperfection(shiftX: 4e-6, shiftY: -7e-6, rotation: 5e-3, scale: 1.01, keystoneX: 30)
    let expected = try await measure(bench(true: .upright, stated: .upright, imaging: imaging))
    #expect(expected != (try await measure(bench(true: .upright, stated: .upright))))
    let turned = try await measure(bench(true: orientation, stated: orientation, imaging: imaging))
    for (value, right) in zip(turned.values, expected.values) { #expect(abs(value - right) < 1e-3) }
  }

  @Test("the sensor delivers what the name says: the plane mirrored first and then turned clockwise")
  func sensor() async throws {
    let plane = try await measure(bench(true: .upright, stated: .upright))
    let bench = try bench(true: .mirroredRotated90, stated: .mirroredRotated90)
    try await bench.start()
    let frame = try #require(
      try await bench.measureFrames(layers: TestBench.layers(step: 1), inputs: TestBench.codes(1)).first)
    // Mirroring takes column x to 27 − x; a clockwise turn takes row y and column x to row x and column 19 − y.
    for y in 0..<20 {
      for x in 0..<28 {
        let (row, column) = (27 - x, 19 - y)
        #expect(frame.pixels[(4 + row) * frame.width + 6 + column] == UInt16((plane[0, y, x] * 4095).rounded()))
      }
    }
  }

  @Test("a bench that is told the wrong orientation measures another frame")
  func wrong() async throws {
    let expected = try await measure(bench(true: .upright, stated: .upright))
    for orientation in Orientation.allCases where orientation != .rotated180 {
      let found = try await measure(bench(true: .rotated180, stated: orientation))
      #expect(found.values != expected.values, "\(orientation)")
    }
  }
}
