import Arrays
import BenchFile
import Foundation
import SecondPlant
import Twin

/// A second plant of the bench `realistic`, with what is wrong with it drawn from a seed.
extension SecondPlant {
  /// Pixels of a layer along each side of one of its camera's.
  static let block = 2

  init(drawnFor file: BenchFile, seed: UInt64, isOwn: Bool) {
    let geometry = file.twin.geometry
    let region = file.twin.detector.region ?? Region(x: 0, y: 0, width: geometry.grid, height: geometry.grid)
    self.init(
      Setup(
        wavelength: geometry.wavelength, pitch: geometry.pitch, grid: geometry.grid, layers: geometry.layers,
        first: region.x, pixels: region.width / Self.block, block: Self.block),
      Truth(drawn: geometry, seed: seed, isOwn: isOwn))
  }

  /// Frames with the camera's noise, a laser that fluctuates by 1 %, and steps of 12 bits.
  func frames(_ patterns: [Stack<Float>], _ file: BenchFile, noise: FrameNoise) -> Stack<Double> {
    let (grid, input) = (setup.grid, file.twin.input)
    let (first, extent) = ((grid - input.size * input.block) / 2, input.size * input.block)
    let amplitude = (0..<grid * grid).map { pixel in
      let isLit = [pixel % grid, pixel / grid].allSatisfy { (first..<first + extent).contains($0) }
      return isLit ? 0.45 : 0
    }
    let frames = patterns.map { frame($0, amplitude: amplitude).values }
    let brightest = frames.joined().max() ?? 1
    let random = CounterRandom(seed: truth.seed).stream(named: "noise of the second plant")
    let seen = frames.enumerated().flatMap { index, frame in
      let draws = random.child(UInt64(index))
      let power = 0.8 / brightest * (1 + 0.01 * draws.normal(at: 1 << 20))
      return frame.enumerated().map { pixel, light in
        let deviation = (5 * 5 + 20e3 * power * light).squareRoot() / 20e3
        let value = power * light + deviation * draws.normal(at: UInt64(pixel))
        return (value * 4095).rounded() / 4095
      }
    }
    return Stack(count: patterns.count, height: setup.pixels, width: setup.pixels, values: seen)
  }
}

extension Truth {
  init(drawn geometry: GeometryDescription, seed: UInt64, isOwn: Bool) {
    let random = CounterRandom(seed: seed).stream(named: "second plant")
    var position: UInt64 = 0
    func uniform(_ range: ClosedRange<Double>) -> Double {
      position += 2
      return random.uniform(in: range, at: position)
    }
    func eitherSide(_ range: ClosedRange<Double>) -> Double { uniform(0...1) < 0.5 ? -uniform(range) : uniform(range) }
    func normals(_ count: Int, rms: Double) -> [Double] {
      position += 2
      let draws = (0..<UInt64(count)).map { random.child(position).normal(at: $0) }
      let length = draws.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return draws.map { $0 * rms / length }
    }
    self.init(gap: geometry.distance + uniform(-100e-6...100e-6))
    self.seed = seed
    (mirrorX, mirrorY) = (eitherSide(0.4e-3...2e-3), eitherSide(0.4e-3...2e-3))
    (beamX, beamY) = (eitherSide(0.4e-3...2e-3), eitherSide(0.4e-3...2e-3))
    (slope, bow) = (eitherSide(0...0.03), eitherSide(0...0.03))
    (crosstalk, fill, deadPhase) = (uniform(3.7e-6...6.4e-6), uniform(0.90...0.96), uniform(0.3...1))
    (curvature, slopeX, slopeY) = (uniform(0.15...0.3), eitherSide(0.03...0.1), eitherSide(0.03...0.1))
    source = normals(8, rms: 0.65)
    (cameraX, cameraY) = (eitherSide(0...20e-6), eitherSide(0...20e-6))
    (rotation, scale) = (eitherSide(0...3e-3), uniform(0.994...1.006))
    (keystoneX, keystoneY) = (eitherSide(0...1), eitherSide(0...1))
    pointSpread = uniform(4e-6...7e-6)
    let bend = eitherSide(0.02...0.04)
    guard !isOwn else {
      cubic = 5 * bend
      return
    }
    sine = bend
    sourceRoughness = 0.1
    roughness = 0.05
    flatness = (0..<geometry.layers).map { _ in normals(8, rms: 0.15) }
    quarters = (0..<geometry.layers).map { _ in normals(4, rms: 0.02) }
  }
}
