import Devices
import Foundation
import Simulated
import Testing

/// One layer on a panel of its own.
private struct SurfaceBench {
  let surface: PanelSurface
  let truth: [String: Double]
  let scale: Int
  var grid: PlantGrid { surface.grid }
  var pixels: Int { grid.grid * scale }
  /// Metres along each side of a panel pixel.
  var pixel: Double { grid.pitch / Double(scale) }

  init(
    grid: Int = 32, scale: Int = 2, sampling: Int = 2, encoding: NominalOptics.Encoding = .amplitude,
    _ change: (inout SimulatedConfiguration) -> Void = { _ in }
  ) throws {
    let optics = NominalOptics(
      kind: .cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: grid, layers: 1, distance: 1e-3, encoding: encoding,
      imageSize: 4, imageBlock: 4)
    let layout = BenchLayout(
      layers: LayerLayout(origins: [PanelPoint(x: 0, y: 0)], grid: grid, scale: scale),
      input: InputLayout(origin: PanelPoint(x: 0, y: 0), size: 4, scale: 4),
      camera: CameraLayout(x: 0, y: 0, width: grid, height: grid))
    var configuration = SimulatedConfiguration(sampling: sampling)
    change(&configuration)
    self.scale = scale
    let hidden = try HiddenBench(configuration, optics: optics)
    truth = hidden.truth()
    surface = PanelSurface(
      grid: PlantGrid(grid: grid, canvas: grid, sampling: sampling, pitch: 18.4e-6), layout: layout, optics: optics,
      hidden: hidden)
  }

  func transmission(_ level: (_ x: Int, _ y: Int) -> Int) -> [SIMD2<Double>] {
    var pattern = Pattern(width: pixels, height: pixels)
    for y in 0..<pixels { for x in 0..<pixels { pattern.levels[y * pixels + x] = UInt8(level(x, y)) } }
    return surface.layers(pattern)[0]
  }

  /// The mean of exp(iφ) over the square of each sample around R(−rotation)·(r − shift)/scale, pixel by pixel of the panel.
  func direct(
    _ placement: LayerPlacement, _ samples: some Sequence<Int>, _ level: (_ x: Int, _ y: Int) -> Int
  ) -> [SIMD2<Double>] {
    let side = grid.patchSide
    let width = Double(scale) / Double(grid.sampling)
    func parts(_ middle: Double) -> [(pixel: Int, part: Double)] {
      (0..<pixels).map { pixel in
        let overlap = min(Double(pixel + 1), middle + width / 2) - max(Double(pixel), middle - width / 2)
        return (pixel, max(0, overlap) / width)
      }.filter { $0.part > 0 }
    }
    return samples.map { sample in
      let x = grid.position(sample % side) - placement.shiftX
      let y = grid.position(sample / side) - placement.shiftY
      let (length, angle) = (hypot(x, y) / placement.scale / pixel, atan2(y, x) - placement.rotation)
      // The layer's origin is the middle of the sample grid/2, which is `scale` pixels wide.
      let origin = Double(pixels / 2) + Double(scale) / 2
      let across = parts(origin + length * cos(angle))
      var value = SIMD2<Double>(1, 0)
      for (row, height) in parts(origin + length * sin(angle)) {
        for (column, part) in across {
          let phase = 2 * .pi * Double(level(column, row)) / 256
          value += height * part * SIMD2(cos(phase) - 1, sin(phase))
        }
      }
      return value
    }
  }

  /// |mean of t·exp(−2πi·cycles·x)|², with x from 0 to 1 over the patch.
  func efficiency(_ field: [SIMD2<Double>], cycles: Double) -> Double {
    let side = grid.patchSide
    var sum = SIMD2<Double>.zero
    for (index, value) in field.enumerated() {
      let angle = -2 * .pi * cycles * (Double(index % side) + 0.5) / Double(side)
      sum += SIMD2(value.x * cos(angle) - value.y * sin(angle), value.x * sin(angle) + value.y * cos(angle))
    }
    return (sum * sum).sum() / pow(Double(field.count), 2)
  }
}

@Suite("The panels of the hidden plant")
struct PanelSurfaceTests {
  @Test(
    "gaps between pixels put (1 − fill)² of the light into the zero order of a blazed grating", arguments: [1, 2, 4])
  func fillFactor(sampling: Int) throws {
    let bench = try SurfaceBench(sampling: sampling) {
      ($0.modulator.fillFactor, $0.modulator.deadPhase) = (0.8, 0.7)
    }
    let field = bench.transmission { x, _ in x % 8 * 32 }
    #expect(abs(bench.efficiency(field, cycles: 0) - 0.04) < 1e-12)
    let mean = field.reduce(.zero, +) / Double(field.count)
    #expect(abs(atan2(mean.y, mean.x) - 0.7) < 1e-9)
    // One sample for each pixel: the first order of an 8-step blaze is the fill factor's.
    if sampling == 2 { #expect(abs(bench.efficiency(field, cycles: 8) - 0.64) < 1e-9) }
  }

  @Test("a sinusoidal response spreads a blaze over its orders by Bessel's functions")
  func sine() throws {
    let bench = try SurfaceBench(grid: 128) { $0.modulator.sine = 0.3 }
    let field = bench.transmission { x, _ in x }
    for order in 0...3 {
      #expect(abs(bench.efficiency(field, cycles: Double(order)) - pow(jn(Int32(order - 1), .pi * 0.3), 2)) < 1e-9)
    }
  }

  @Test("a response of the wrong slope leaves sinc²(slope) in the first order of a blaze")
  func slope() throws {
    let bench = try SurfaceBench(grid: 128) { $0.modulator.slope = 0.2 }
    let found = bench.efficiency(bench.transmission { x, _ in x }, cycles: 1)
    #expect(abs(found - pow(sin(.pi * 0.2) / (.pi * 0.2), 2)) < 1e-4)
  }

  @Test("the quadratic term and a region's slope bend the phase of a level as their formula says")
  func regions() throws {
    let bench = try SurfaceBench {
      $0.modulator.quadratic = 0.1
      ($0.modulator.regions, $0.modulator.regionalSlope) = (2, 0.03)
    }
    let field = bench.transmission { _, _ in 64 }
    let side = bench.grid.patchSide
    let corners = [0, side - 1, side * (side - 1), side * side - 1].map { atan2(field[$0].y, field[$0].x) }
    let slopes = corners.map { ($0 / (2 * .pi) - 0.25 - 0.1 * 0.25 * 0.75) / 0.25 }
    for (region, slope) in slopes.enumerated() {
      let expected = try #require(bench.truth["plane1Response\(region + 1)"])
      #expect(expected != 0 && abs(slope - expected) < 1e-7)
    }
  }

  @Test(
    "crosstalk washes a checkerboard out by the Gaussian's transfer at the square wave's harmonics",
    arguments: [0.3, 0.6])
  func crosstalk(deviation: Double) throws {
    let bench = try SurfaceBench { $0.modulator.crosstalk = deviation * 9.2e-6 }
    let field = bench.transmission { x, y in (x + y) % 2 * 128 }
    let contrast = (0..<40).reduce(0.0) { sum, k in
      let odd = Double(2 * k + 1)
      return sum + (k % 2 == 0 ? 4 : -4) / (.pi * odd) * exp(-pow(.pi * deviation * odd, 2) / 2)
    }
    let middle = bench.grid.patchSide / 2
    for offset in 0..<2 {
      let value = field[middle * bench.grid.patchSide + middle + offset]
      let expected = .pi / 2 * (1 + (offset == 0 ? -1 : 1) * contrast * contrast)
      #expect(abs(atan2(value.y, value.x) - expected) < 1e-5)
    }
  }

  @Test("a kernel moves phase in its own direction")
  func kernel() throws {
    let bench = try SurfaceBench { $0.modulator.crosstalkKernel = [[0, 3, 1]] }
    let field = bench.transmission { x, _ in x == 20 ? 128 : 0 }
    let row = 10 * bench.grid.patchSide
    let phases = (19...22).map { atan2(field[row + $0].y, field[row + $0].x) }
    for (found, expected) in zip(phases, [0, 0.75 * .pi, 0.25 * .pi, 0]) { #expect(abs(found - expected) < 1e-12) }
  }

  @Test("a layer's spot lies where shift, rotation and scale put it", arguments: [1, 2])
  func placement(sampling: Int) throws {
    // This canvas has no room beside the layer: the samples look elsewhere on the panel for whole samples of the shift.
    let placement = LayerPlacement(shiftX: 18.4e-6, shiftY: -36.8e-6, rotation: 0.3, scale: 1.2)
    let bench = try SurfaceBench(sampling: sampling) { $0.placement.exact = [placement] }
    // A smooth spot around the pixel (41, 29), that is 8 and −4 pixels from the layer's origin at (33, 33).
    let level = { (x: Int, y: Int) in
      Int((128 * exp(-(pow(Double(x - 41), 2) + pow(Double(y - 29), 2)) / 18)).rounded())
    }
    let field = bench.transmission(level)
    var area = 0.0
    for y in 0..<bench.pixels {
      for x in 0..<bench.pixels { area += (1 - cos(2 * .pi * Double(level(x, y)) / 256)) / 2 }
    }
    var (weight, x, y) = (0.0, 0.0, 0.0)
    for (index, value) in field.enumerated() {
      let dark = (1 - value.x) / 2
      weight += dark
      x += dark * bench.grid.position(index % bench.grid.patchSide)
      y += dark * bench.grid.position(index / bench.grid.patchSide)
    }
    let (u, v) = (8.5 * bench.pixel, -3.5 * bench.pixel)
    #expect(abs(x / weight - (18.4e-6 + 1.2 * (u * cos(0.3) - v * sin(0.3)))) < 0.3e-6)
    #expect(abs(y / weight - (-36.8e-6 + 1.2 * (u * sin(0.3) + v * cos(0.3)))) < 0.3e-6)
    #expect(abs(weight * pow(bench.grid.step, 2) / (area * pow(bench.pixel * 1.2, 2)) - 1) < 0.01)
  }

  @Test("layers as far out of place as can be show what lies there, and phase 0 beyond the panel")
  func extremes() throws {
    let width = 32 * 18.4e-6
    for scale in [0.5, 1, 2] {
      for rotation in [-0.5, 0, 0.5, 2.4] {
        for (x, y) in [(0.0, -0.9375), (1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (0.0, 0.0)] {
          let placement = LayerPlacement(shiftX: x * width, shiftY: y * width, rotation: rotation, scale: scale)
          let bench = try SurfaceBench { $0.placement.exact = [placement] }
          // Smooth, and flat towards the edges of the panel: what lies between two samples is the mean there, too.
          let level = { (x: Int, y: Int) -> Int in
            let (u, v) = (Double(x) - 31.5, Double(y) - 31.5)
            let window = exp(-pow((u * u + v * v) / 400, 2))
            return Int((60 * window * (1 + cos(u / 3) * sin(v / 4))).rounded())
          }
          let found = bench.transmission(level)
          let samples = Array(stride(from: 0, to: found.count, by: 11)) + [found.count - 1]
          let agrees = zip(samples, bench.direct(placement, samples, level)).allSatisfy { sample, expected in
            let difference = found[sample] - expected
            return (difference * difference).sum() < (rotation == 0 && scale == 1 ? 1e-15 : 1e-3)
          }
          #expect(agrees, "\(placement)")
        }
      }
    }
  }

  @Test("a bench with layers a width out of place and half as large delivers frames")
  func extremeFrames() async throws {
    let width = 32 * 9.2e-6
    var configuration = TestBench.configuration()
    configuration.placement.exact = [
      LayerPlacement(shiftY: -0.95 * width, scale: 0.5),
      LayerPlacement(shiftX: width, shiftY: width, rotation: -0.5, scale: 0.5),
    ]
    (configuration.modulator.crosstalk, configuration.modulator.crosstalkKernel) = (20e-6, [[0.1, 0.8, 0.2]])
    let bench = try TestBench(configuration).bench
    try await bench.start()
    let measured = try await bench.intensities(
      layers: TestBench.layers(step: 1), inputs: TestBench.codes(1), block: nil)
    try await bench.stop()
    #expect(measured.values.contains { $0 > 0.02 })
  }

  @Test("phases beyond any table are phases")
  func hugePhases() throws {
    let bench = try SurfaceBench { $0.modulator.crosstalkKernel = [[1e9, -1e9, 2e-9]] }
    let field = bench.transmission { x, y in (x * 7 + y * 5) % 256 }
    #expect(field.allSatisfy { abs(($0 * $0).sum() - 1) < 1e-9 })
    #expect(Set(field.map(\.x)).count > 50)
  }

  @Test("half a sample aside, the panel's pixels stay as sharp as they are: the light is moved instead")
  func halfSample() throws {
    let bench = try SurfaceBench { $0.placement.exact = [LayerPlacement(shiftX: 4.5e-6)] }
    let placed = try SurfaceBench()
    let level = { (x: Int, _: Int) in x < 32 ? 0 : 64 }
    #expect(bench.transmission(level) == placed.transmission(level))
  }

  @Test("a mirror is on or off, by whether its level is nearer to the full one")
  func mirrors() throws {
    let surface = try SurfaceBench(encoding: .binary).surface
    for level in 0...255 {
      var pattern = Pattern(width: 64, height: 64)
      for index in pattern.levels.indices { pattern.levels[index] = UInt8(level) }
      // The image covers half of the layer along each side.
      let field = surface.input(pattern)
      #expect(field.allSatisfy { $0.x == 0 || $0.x == 1 })
      #expect(field.count { $0.x == 1 } == (level >= 128 ? 32 * 32 : 0))
    }
  }

  @Test("mirrors that are repeated on the layers are the part of their pixel that is on")
  func repeatedMirrors() throws {
    let surface = try SurfaceBench(encoding: .binary) { $0.repeatedInput = RepeatedInput(scale: 2) }.surface
    var pattern = Pattern(width: 64, height: 64)
    for (x, y) in [(4, 0), (5, 3), (7, 3)] { pattern.levels[y * 64 + x] = 255 }
    let factors = try #require(surface.repeated(pattern))
    // The second pixel of the first row: plant samples 8·2 + 8 … 8·2 + 15 of the rows from 8·2 on.
    for (index, factor) in factors.enumerated() {
      let isInside = (24..<32).contains(index % 64) && (16..<24).contains(index / 64)
      #expect(abs(atan2(factor.y, factor.x) - (isInside ? 2 * 3 / 16.0 : 0)) < 1e-12)
    }
  }

  @Test("a repeated input is a phase on the image and nothing around it")
  func repeatedInput() throws {
    let surface = try SurfaceBench { $0.repeatedInput = RepeatedInput(scale: 2) }.surface
    var pattern = Pattern(width: 64, height: 64)
    for index in pattern.levels.indices { pattern.levels[index] = 51 }
    let factors = try #require(surface.repeated(pattern))
    #expect(factors[0] == SIMD2(1, 0))
    #expect(abs(atan2(factors[32 * 64 + 32].y, factors[32 * 64 + 32].x) - 0.4) < 1e-12)
  }
}
