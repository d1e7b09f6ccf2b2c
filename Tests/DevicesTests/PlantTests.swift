import Devices
import Foundation
import Simulated
import Testing

/// A plant and Gaussian beams on it.
struct BeamBench {
  let plant: Plant
  let optics: NominalOptics
  var grid: PlantGrid { plant.grid }
  var wavenumber: Double { 2 * .pi / optics.wavelength }

  init(
    kind: NominalOptics.Kind = .cavity, layers: Int = 3, grid: Int = 64, pitch: Double = 9.2e-6,
    distance: Double = 1.2e-3, alignment: Alignment? = nil, sampling: Int = 2, canvas: Int? = nil,
    light: LightPath = LightPath()
  ) throws {
    optics = NominalOptics(
      kind: kind, wavelength: 850e-9, pitch: pitch, grid: grid, layers: layers, distance: distance, imageSize: 8,
      imageBlock: 2)
    plant = try Plant(
      optics: optics, alignment: alignment ?? Alignment(distance: distance), sampling: sampling, canvas: canvas,
      light: light)
  }

  /// A complex function of the position on the patch.
  func patch(_ value: (_ x: Double, _ y: Double) -> (amplitude: Double, phase: Double)) -> [SIMD2<Double>] {
    grid.patch.flatMap { row in
      grid.patch.map { column in
        let (amplitude, phase) = value(grid.position(column), grid.position(row))
        return amplitude * SIMD2(cos(phase), sin(phase))
      }
    }
  }

  func gaussian(waist: Double) -> [SIMD2<Double>] {
    patch { x, y in (exp(-(x * x + y * y) / (waist * waist)), 0) }
  }

  func flat() -> [[SIMD2<Double>]] { [[SIMD2<Double>]](repeating: patch { _, _ in (1, 0) }, count: optics.layers) }

  func lens(focalLength f: Double) -> [SIMD2<Double>] {
    patch { x, y in (1, -wavenumber * (x * x + y * y) / (2 * f)) }
  }

  /// Power, centroid and second-moment radius (2σ along x) of the intensity on the camera.
  func moments(_ intensity: [Double]) -> (power: Double, x: Double, y: Double, radius: Double) {
    var (power, x, y, square) = (0.0, 0.0, 0.0, 0.0)
    for row in 0..<grid.canvas {
      for column in 0..<grid.canvas {
        let value = intensity[row * grid.canvas + column]
        let position = Double(column - grid.margin - grid.grid / 2) * optics.pitch
        power += value
        x += value * position
        y += value * Double(row - grid.margin - grid.grid / 2) * optics.pitch
        square += value * position * position
      }
    }
    // Summing over pairs of samples adds to the variance what Sheppard's correction says.
    let grouping = (pow(optics.pitch, 2) - pow(grid.step, 2)) / 12
    let variance = square / power - pow(x / power, 2) - grouping
    return (power, x / power, y / power, 2 * variance.squareRoot())
  }
}

@Suite("The hidden plant")
struct PlantTests {
  @Test("no light is lost while the beam stays on the patch")
  func energy() throws {
    let bench = try BeamBench()
    let input = bench.gaussian(waist: 90e-6)
    let power = input.reduce(0) { $0 + ($1 * $1).sum() } / 4
    let found = bench.moments(bench.plant.intensity(input: input, layers: bench.flat())).power
    #expect(abs(found / power - 1) < 1e-6)
  }

  @Test("a Gaussian beam spreads as its Rayleigh range says", arguments: [1, 2])
  func spread(sampling: Int) throws {
    let bench = try BeamBench(grid: 96, distance: 4e-3, sampling: sampling)
    let waist = 80e-6
    let path = 2 * 3 * 4e-3
    let rayleigh = .pi * waist * waist / 850e-9
    let expected = waist * (1 + pow(path / rayleigh, 2)).squareRoot()
    let found = bench.moments(bench.plant.intensity(input: bench.gaussian(waist: waist), layers: bench.flat()))
    #expect(abs(found.radius / expected - 1) < 2e-4)
  }

  @Test("a lens layer focuses to the waist of the ABCD law", arguments: NominalOptics.Kind.allCases)
  func focus(kind: NominalOptics.Kind) throws {
    // One lens; the beam reaches it after `before` and the camera lies `after` behind it.
    let bench = try BeamBench(kind: kind, layers: 1, grid: 96, distance: 8e-3)
    let (waist, focalLength) = (150e-6, 20e-3)
    let (before, after) = kind == .cavity ? (0, 16e-3) : (8e-3, 8e-3)
    let rayleigh = .pi * waist * waist / 850e-9
    // q → q/(1 − q/f) with q = before + i·rayleigh.
    let (real, imaginary) = (1 - before / focalLength, -rayleigh / focalLength)
    let norm = real * real + imaginary * imaginary
    let position = (before * real + rayleigh * imaginary) / norm + after
    let newRayleigh = (rayleigh * real - before * imaginary) / norm
    let newWaist = (newRayleigh * 850e-9 / .pi).squareRoot()
    let expected = newWaist * (1 + pow(position / newRayleigh, 2)).squareRoot()
    let intensity = bench.plant.intensity(
      input: bench.gaussian(waist: waist), layers: [bench.lens(focalLength: focalLength)])
    #expect(abs(bench.moments(intensity).radius / expected - 1) < 1e-3)
    #expect(expected < 0.7 * waist)
  }

  /// Shifts in plant samples: none, parts, whole ones and more.
  static let shifts = [0.0, 0.25, 0.5, 1, 1.37, 3.7]

  @Test(
    "a lens beside its place by any part of a sample moves the light as its ray matrix says, and loses none",
    arguments: NominalOptics.Kind.allCases, shifts)
  func decentred(kind: NominalOptics.Kind, samples: Double) throws {
    let place = SIMD2(samples * 4.6e-6, -samples * 9.2e-6)
    let bench = try BeamBench(kind: kind, layers: 1, grid: 96, distance: 8e-3, light: LightPath(layerShifts: [place]))
    let (focalLength, after) = (20e-3, kind == .cavity ? 16e-3 : 8e-3)
    let input = bench.gaussian(waist: 150e-6)
    let found = bench.moments(bench.plant.intensity(input: input, layers: [bench.lens(focalLength: focalLength)]))
    #expect(abs(found.x - place.x * after / focalLength) < 1e-9)
    #expect(abs(found.y - place.y * after / focalLength) < 1e-9)
    let power = input.reduce(0) { $0 + ($1 * $1).sum() } / 4
    #expect(abs(found.power / power - 1) < 1e-6)
  }

  @Test("sharp squares of phase lose no more light between two samples than on them", arguments: shifts)
  func sharp(samples: Double) throws {
    func power(_ shift: SIMD2<Double>) throws -> Double {
      let bench = try BeamBench(layers: 2, grid: 64, light: LightPath(layerShifts: [.zero, shift]))
      let squares = bench.patch { x, y in
        (1, (Int((x / 36.8e-6).rounded(.down)) + Int((y / 36.8e-6).rounded(.down))).isMultiple(of: 2) ? 0 : .pi)
      }
      let flat = bench.patch { _, _ in (1, 0) }
      return bench.moments(bench.plant.intensity(input: bench.gaussian(waist: 60e-6), layers: [flat, squares])).power
    }
    let (moved, placed) = (try power(SIMD2(samples * 4.6e-6, samples * 4.6e-6)), try power(.zero))
    #expect(abs(moved / placed - 1) < 1e-6)
  }

  @Test("a shift by whole samples is the pattern moved by them")
  func wholeSamples() throws {
    // A pattern that is flat at the edges, where the two differ in what is lost.
    func spot(_ bench: BeamBench, _ x: Double, _ y: Double) -> [SIMD2<Double>] {
      bench.patch { u, v in (1, max(abs(u - x), abs(v - y)) < 30e-6 ? 2 : 0) }
    }
    let moved = try BeamBench(layers: 2, light: LightPath(layerShifts: [.zero, SIMD2(13.8e-6, -9.2e-6)]))
    let placed = try BeamBench(layers: 2)
    let flat = placed.patch { _, _ in (1, 0) }
    let input = placed.gaussian(waist: 60e-6)
    let first = moved.plant.intensity(input: input, layers: [flat, spot(moved, 0, 0)])
    let second = placed.plant.intensity(input: input, layers: [flat, spot(placed, 13.8e-6, -9.2e-6)])
    let largest = second.max() ?? 0
    #expect(zip(first, second).allSatisfy { abs($0 - $1) < 1e-6 * largest })
  }

  @Test("a beam angle moves the beam against its sign, once for the whole path")
  func beamTilt() throws {
    for kind in NominalOptics.Kind.allCases {
      let alignment = Alignment(distance: 1.2e-3, beamX: 3e-3, beamY: -2e-3)
      let bench = try BeamBench(kind: kind, alignment: alignment)
      let path = kind == .cavity ? 2 * 3 * 1.2e-3 : 4 * 1.2e-3
      let found = bench.moments(bench.plant.intensity(input: bench.gaussian(waist: 80e-6), layers: bench.flat()))
      #expect(abs(found.x + path * tan(3e-3)) < 2e-9, "\(kind)")
      #expect(abs(found.y - path * tan(2e-3)) < 2e-9, "\(kind)")
    }
  }

  @Test("mirror walk grows as the square of the bounces: 15 gaps after four layers")
  func mirrorTilt() throws {
    let alignment = Alignment(distance: 1.2e-3, mirrorX: 1e-3, mirrorY: -0.5e-3)
    let bench = try BeamBench(layers: 4, alignment: alignment)
    let found = bench.moments(bench.plant.intensity(input: bench.gaussian(waist: 80e-6), layers: bench.flat()))
    #expect(abs(found.x + 15 * 1.2e-3 * 1e-3) < 2e-9)
    #expect(abs(found.y - 15 * 1.2e-3 * 0.5e-3) < 2e-9)
  }

  @Test("light that leaves the patch before a layer is lost and does not come back round the other side")
  func loss() throws {
    let alignment = Alignment(distance: 10e-3, beamX: 15e-3)
    let bench = try BeamBench(layers: 2, distance: 10e-3, alignment: alignment, canvas: 192)
    // 300 µm aside on a patch of ±294 µm: half of the beam meets the second layer.
    let input = bench.gaussian(waist: 100e-6)
    let power = input.reduce(0) { $0 + ($1 * $1).sum() } / 4
    let found = bench.moments(bench.plant.intensity(input: input, layers: bench.flat())).power
    let shift = 20e-3 * tan(15e-3)
    let radius = 100e-6 * (1 + pow(20e-3 * 850e-9 / (.pi * 1e-8), 2)).squareRoot()
    let edge = 32.5 * 9.2e-6
    let expected = 0.5 * erfc((shift - edge) * 2.0.squareRoot() / radius)
    #expect(abs(found / power - expected) < 0.01)
  }

  @Test("smooth fields look the same at one and at two samples per pixel")
  func sampling() throws {
    let alignment = Alignment(distance: 1.25e-3, mirrorX: 1e-3, mirrorY: -1.5e-3, beamX: -2e-3, beamY: 1e-3)
    let intensities = try [1, 2].map { sampling in
      let bench = try BeamBench(alignment: alignment, sampling: sampling)
      let smooth = bench.patch { x, y in (1, sin(x / 90e-6) * cos(y / 70e-6)) }
      return bench.plant.intensity(input: bench.gaussian(waist: 120e-6), layers: [smooth, smooth, smooth])
    }
    let difference = zip(intensities[0], intensities[1]).reduce(0) { $0 + pow($1.0 - $1.1, 2) }
    let norm = intensities[1].reduce(0) { $0 + $1 * $1 }
    #expect((difference / norm).squareRoot() < 0.005)
  }

  @Test("optics that make no sense are refused by name")
  func refusal() {
    #expect(throws: SimulatedError.self) { try BeamBench(pitch: 8) }
    #expect(throws: SimulatedError.self) { try BeamBench(sampling: 0) }
    #expect(throws: SimulatedError.self) { try BeamBench(canvas: 32) }
    #expect(throws: SimulatedError.self) { try BeamBench(distance: -1) }
    #expect(throws: SimulatedError.self) { try BeamBench(distance: .nan) }
  }
}
