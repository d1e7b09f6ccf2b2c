import Devices
import Foundation
import Simulated
import Testing

/// A camera of one pixel for each sample that looks at Gaussian spots.
private struct SpotCamera {
  let grid = PlantGrid(grid: 64, canvas: 96, sampling: 2, pitch: 10e-6)
  var view: SensorView { SensorView(width: 96, height: 96, canvas: 96, x: 0, y: 0) }

  func spot(x: Double, y: Double, deviation: Double = 25e-6) -> [Double] {
    let places = (0..<grid.side).map { grid.position($0) }
    return places.flatMap { v in
      places.map { u in exp(-(pow(u - x, 2) + pow(v - y, 2)) / (2 * deviation * deviation)) }
    }
  }

  /// Energy in samples, centroid in metres on the camera, and variance along x.
  func look(_ imaging: ImagingImperfection, at spot: [Double]) -> (
    energy: Double, x: Double, y: Double, variance: Double
  ) {
    let pixels = CameraView(imaging, view: view, grid: grid).look(at: spot)
    var (energy, x, y, square) = (0.0, 0.0, 0.0, 0.0)
    for (index, pixel) in pixels.enumerated() {
      let (u, v) = (Double(index % 96 - 48) * 10e-6, Double(index / 96 - 48) * 10e-6)
      energy += Double(pixel)
      x += Double(pixel) * u
      y += Double(pixel) * v
      square += Double(pixel) * u * u
    }
    return (energy, x / energy, y / energy, square / energy - pow(x / energy, 2))
  }
}

@Suite("The imaging of the hidden plant")
struct ImagingTests {
  private let camera = SpotCamera()
  private var spot: [Double] { camera.spot(x: 80e-6, y: -50e-6) }

  @Test("a camera in its place sees the mean over each layer sample")
  func inPlace() {
    var expected = [Double](repeating: 0, count: 96 * 96)
    for (index, value) in spot.enumerated() { expected[index / 192 / 2 * 96 + index % 192 / 2] += value / 4 }
    let pixels = CameraView(.none, view: camera.view, grid: camera.grid).look(at: spot)
    // The outermost pixels have no room for the interpolation.
    for y in 4..<92 { for x in 4..<92 { #expect(abs(Double(pixels[y * 96 + x]) - expected[y * 96 + x]) < 1e-6) } }
  }

  @Test("a spot appears where shift, rotation, scale and keystone take it, and no light is lost")
  func registration() {
    let imagings = [
      ImagingImperfection(shiftX: 6e-6, shiftY: -4e-6), ImagingImperfection(rotation: 0.02),
      ImagingImperfection(scale: 1.05), ImagingImperfection(keystoneX: 40, keystoneY: -30),
      ImagingImperfection(
        shiftX: 3e-6, shiftY: 8e-6, rotation: -0.1, scale: 0.93, keystoneX: 20, keystoneY: 50),
    ]
    let plain = camera.look(.none, at: spot)
    #expect(abs(plain.x - 80e-6) < 1e-9 && abs(plain.y + 50e-6) < 1e-9)
    for imaging in imagings {
      let found = camera.look(imaging, at: spot)
      let seen = imaging.map(found.x, found.y)
      // A keystone is not quite linear over the spot.
      #expect(abs(seen.x - 80e-6) < 0.1e-6 && abs(seen.y + 50e-6) < 0.1e-6, "\(imaging)")
      #expect(abs(found.energy / plain.energy - 1) < 3e-3, "\(imaging)")
      // Solved by hand where that is simple.
      if imaging.keystoneX == 0 {
        let (x, y) = (80e-6 - imaging.shiftX, -50e-6 - imaging.shiftY)
        let (c, s) = (cos(imaging.rotation) / imaging.scale, sin(imaging.rotation) / imaging.scale)
        #expect(abs(found.x - (c * x + s * y)) < 50e-9, "\(imaging)")
        #expect(abs(found.y - (c * y - s * x)) < 50e-9, "\(imaging)")
      }
    }
  }

  @Test("a blur adds its variance", arguments: [3e-6, 8e-6])
  func pointSpread(deviation: Double) {
    let plain = camera.look(.none, at: spot)
    let blurred = camera.look(ImagingImperfection(pointSpread: deviation), at: spot)
    #expect(abs(blurred.variance - plain.variance - deviation * deviation) < 0.005 * deviation * deviation)
    #expect(abs(blurred.energy / plain.energy - 1) < 1e-6)
  }

  @Test("gain and dark level act on the pixels as on any sensor")
  func electronics() async throws {
    let layers = Pattern(width: 800, height: 200)
    let input = ProfileBench.pattern(96, 96, cell: 4, seed: 2)
    let frames = try await [(1.0, 0.0), (0.5, 0.0), (0.5, 0.1)].asyncMap { gain, offset in
      try await ProfileBench {
        $0.noise = .none
        ($0.imaging.gain, $0.imaging.offset) = (gain, offset)
      }.frame(layers: layers, input: input)
    }
    for ((whole, half), raised) in zip(zip(frames[0], frames[1]), frames[2]) where whole < 4095 {
      #expect(abs(Int(whole) - 2 * Int(half)) <= 1)
      #expect(abs(Double(raised) - Double(half) - 409.5) <= 1)
    }
  }
}

@Suite("The drift of the hidden plant")
struct DriftTests {
  @Test("the beam walks across the camera in the bench's own time")
  func beam() async throws {
    let bench = try ProfileBench {
      $0.noise = .none
      $0.misalignment.exact = Alignment(distance: 4.8e-3)
      $0.drift = Drift(rate: Drift.Rates(beamX: 1e-6, cameraY: 0.1e-6), interval: 10)
    }
    let layers = Pattern(width: 800, height: 200)
    var spot = Pattern(width: 96, height: 96)
    for y in 44..<52 { for x in 44..<52 { spot.levels[y * 96 + x] = 255 } }
    func centroid() async throws -> (x: Double, y: Double) {
      let pixels = try await bench.frame(layers: layers, input: spot)
      let sum = pixels.reduce(0.0) { $0 + Double($1) }
      let x = pixels.enumerated().reduce(0) { $0 + Double($1.offset % 96) * Double($1.element) } / sum
      let y = pixels.enumerated().reduce(0) { $0 + Double($1.offset / 96) * Double($1.element) } / sum
      return (x * 18.4e-6, y * 18.4e-6)
    }
    let before = try await centroid()
    bench.simulated.clock.advance(to: 505_000_000_000)
    let after = try await centroid()
    // 50 steps of 10 s: 500 µrad over four hops of 9.6 mm; the camera has moved by 50 µm.
    #expect(abs(after.x - before.x + 4 * 9.6e-3 * tan(500e-6)) < 1e-6)
    #expect(abs(after.y - before.y + 50e-6) < 1e-6)
    let truth = bench.simulated.truth(at: 505_000_000_000)
    #expect(abs(try #require(truth["beamTiltX"]) - 500e-6) < 1e-12)
    #expect(bench.simulated.truth["beamTiltX"] == 0)
  }

  @Test("a random walk has the variance of its rate and the same path for the same seed")
  func walk() {
    let drift = Drift(walk: Drift.Rates(mirrorX: 2e-6), interval: 0.5)
    let ends = (0..<400).map { drift.displacement(after: 200, seed: $0).mirrorX }
    let deviation = (ends.reduce(0) { $0 + $1 * $1 } / 400).squareRoot()
    #expect(abs(deviation / (2e-6 * 10) - 1) < 0.1)
    #expect(drift.displacement(after: 200, seed: 7) == drift.displacement(after: 200, seed: 7))
    #expect(drift.displacement(after: 200, seed: 7).mirrorY == 0)
  }

  @Test("imperfections that no bench has are refused by name")
  func refusals() {
    let changes: [(String, (inout SimulatedConfiguration) -> Void)] = [
      ("modulator.fillFactor", { $0.modulator.fillFactor = 1.2 }), ("imaging.scale", { $0.imaging.scale = .nan }),
      ("modulator.crosstalkKernel", { $0.modulator.crosstalkKernel = [[1, 1]] }),
      ("modulator.crosstalkKernel", { $0.modulator.crosstalkKernel = [[1e9, -1e9, 2e-9]] }),
      ("modulator.crosstalkKernel", { $0.modulator.crosstalkKernel = [[1, -0.9985, 0]] }),
      ("modulator.crosstalkKernel", { $0.modulator.crosstalkKernel = [[0]] }),
      ("modulator.crosstalkKernel", { $0.modulator.crosstalkKernel = [[.infinity]] }),
      ("modulator.crosstalkKernel", { $0.modulator.crosstalkKernel = [[.nan]] }),
      ("layers.exact", { $0.placement.exact = [.nominal] }), ("hops", { $0.placement.exactHops = [1e-3] }),
      ("modulator.crosstalk", { $0.modulator.crosstalk = 0.9e-3 }),
      ("imaging.keystoneX", { $0.imaging.keystoneX = 300 }),
      ("drift.interval", { $0.drift.interval = 0 }), ("source.curvature", { $0.source.curvature = .infinity }),
      ("layers.flatness.rms", { $0.placement.flatness.rms = -1 }),
    ]
    for (key, change) in changes {
      #expect { try ProfileBench(change) } throws: { error in
        guard case .invalid(let found, _, _)? = error as? SimulatedError else { return false }
        return found == key
      }
    }
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
