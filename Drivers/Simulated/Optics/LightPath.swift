import Arrays
import Foundation

/// What is wrong with the light and with the way it goes, besides the alignment and the layers.
public struct LightPath: Sendable, Equatable {
  /// Metres by which each hop is longer than it should be; none when empty.
  public var hops: [Double]
  /// Metres along x and y by which each layer lies beside its place; none when empty.
  public var layerShifts: [SIMD2<Double>]
  public var illumination: SourceImperfection
  /// Coefficients in radians from Noll's index 4 on: of the source on the layer, of the relay in the pupil.
  public var sourceAberration: [Double]
  public var relayAberration: [Double]
  /// Of the source's random rest.
  public var seed: UInt64

  public init(
    hops: [Double] = [], layerShifts: [SIMD2<Double>] = [], illumination: SourceImperfection = .none,
    sourceAberration: [Double] = [],
    relayAberration: [Double] = [], seed: UInt64 = 1
  ) {
    self.hops = hops
    self.layerShifts = layerShifts
    self.illumination = illumination
    self.sourceAberration = sourceAberration
    self.relayAberration = relayAberration
    self.seed = seed
  }

  /// The field of the source on the patch; nil for a plain wave.
  func source(_ grid: PlantGrid) -> [Complex]? {
    let (c, a, b) = (illumination.curvature, illumination.slopeX, illumination.slopeY)
    let phase = grid.wavefront(
      sourceAberration, rest: illumination.aberration, CounterRandom(seed: seed).stream(named: "source wavefront"))
    let map = illumination.map?.values(grid.patchSide)
    guard phase != nil || map != nil || c != 0 || a != 0 || b != 0 else { return nil }
    let places = grid.patch.map { grid.position($0) / grid.halfWidth }
    return (0..<grid.patchSide * grid.patchSide).map { index in
      let (x, y) = (places[index % grid.patchSide], places[index / grid.patchSide])
      let amplitude = exp(-(c * (x * x + y * y) + a * x + b * y) + (map?.logAmplitude[index] ?? 0))
      let angle = (phase?[index] ?? 0) + (map?.phase[index] ?? 0)
      return amplitude * Complex(cos(angle), sin(angle))
    }
  }
}

extension PlantGrid {
  /// Half the width of a layer in metres.
  var halfWidth: Double { Double(grid) * pitch / 2 }

  /// The phase factors of a tilt at some samples.
  func tilt(_ samples: Range<Int>, _ slope: Double) -> [Complex] {
    samples.map { Complex(cos(slope * position($0)), -sin(slope * position($0))) }
  }

  /// The phase of an aberration on the patch in radians, on the circle that circumscribes the layer; nil for none.
  func wavefront(_ coefficients: [Double], rest: Aberration, _ random: CounterRandom) -> [Double]? {
    let isAberrated = coefficients.contains { $0 != 0 }
    guard isAberrated || rest.roughness > 0 else { return nil }
    let polynomial = NollZernike.sum(coefficients)
    let places = patch.map { position($0) / (halfWidth * 2.0.squareRoot()) }
    var phase = [Double](repeating: 0, count: patchSide * patchSide)
    if isAberrated {
      for y in 0..<patchSide { for x in 0..<patchSide { phase[y * patchSide + x] = polynomial(places[x], places[y]) } }
    }
    if rest.roughness > 0 { roughen(&phase, rest, random) }
    return phase
  }

  /// Adds white noise blurred to the length of the roughness, at its root mean square.
  private func roughen(_ phase: inout [Double], _ rest: Aberration, _ random: CounterRandom) {
    var noise = [Double](repeating: 0, count: phase.count)
    random.fillNormal(into: &noise, from: 64)
    let blur = GaussianKernel(deviation: rest.roughnessLength / 2.0.squareRoot() / step)
    noise = blur.apply(noise, width: patchSide, height: patchSide)
    let mean = noise.reduce(0, +) / Double(noise.count)
    let deviation = (noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(noise.count)).squareRoot()
    for index in phase.indices { phase[index] += rest.roughness * (noise[index] - mean) / deviation }
  }
}
