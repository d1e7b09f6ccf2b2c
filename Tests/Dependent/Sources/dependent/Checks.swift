import Arrays
import Diffusion
import Foundation
import Optics
import Training
import Twin

/// What a library computed beside what a formula says.
struct Check {
  let name: String
  let computed: Double
  let expected: Double
  /// The relative difference that is allowed.
  let tolerance: Double

  var passes: Bool { abs(computed / expected - 1) <= tolerance }
}

private let wavelength = 850e-9
private let pitch = 8e-6
private let side = 128

private func gaussian(_ y: Int, _ x: Int, waist: Double) -> Double {
  let (u, v) = (Double(x - side / 2) * pitch, Double(y - side / 2) * pitch)
  return exp(-(u * u + v * v) / (waist * waist))
}

/// A Gaussian beam loses intensity on its axis as 1/(1 + (z λ/πw²)²).
func gaussianBeam() throws -> Check {
  let (waist, distance) = (100e-6, 15e-3)
  let grid = PlaneGrid(side: side, pitch: pitch)
  let start = Field<Double>(
    grid: grid, values: (0..<grid.count).map { .init(gaussian($0 / side, $0 % side, waist: waist), 0) })
  let space = FreeSpace(wavelength: wavelength, distance: distance)
  let end = try Propagator<Double>(grid: grid, space: space, padding: 2).forward(start)
  let lengths = distance * wavelength / (.pi * waist * waist)
  return Check(
    name: "Optics: intensity on the axis of a Gaussian beam",
    computed: end.intensity[side * side / 2 + side / 2], expected: 1 / (1 + lengths * lengths), tolerance: 1e-4)
}

/// A layer that is a ramp of 16 turns moves the light by z tan θ, with sin θ = 16 λ/(N·pitch).
func deflection() throws -> Check {
  let (turns, distance) = (16.0, 10e-3)
  let twin = try Twin<Double>(
    TwinDescription(
      geometry: GeometryDescription(
        kind: .planes, wavelength: wavelength, pitch: pitch, grid: side, layers: 1, distance: distance, padding: 2),
      input: InputDescription(size: side, block: 1), detector: DetectorDescription(block: 1)),
    threads: 1)
  let image = Stack<Double>(
    count: 1, height: side, width: side,
    values: (0..<side * side).map { gaussian($0 / side, $0 % side, waist: 150e-6) })
  func centre(turns: Double) throws -> Double {
    let ramp = (0..<side * side).map { 2 * Double.pi * turns * Double($0 % side) / Double(side) }
    let layer = Stack<Double>(count: 1, height: side, width: side, values: ramp)
    let light = try twin.forward(layers: layer, inputs: image).values
    let moment = light.indices.reduce(0) { $0 + light[$1] * Double($1 % side) }
    return moment / light.reduce(0, +) * pitch
  }
  let angle = asin(turns * wavelength / (Double(side) * pitch))
  return Check(
    name: "Twin: how far a ramp moves the light", computed: try centre(turns: turns) - centre(turns: 0),
    expected: distance * tan(angle), tolerance: 1e-3)
}

/// With the exact noise of data that are one number, DDIM arrives at that number from any noise.
func generation() async throws -> Check {
  let value = 0.7
  let schedule = try NoiseSchedule(.linear, steps: 1000)
  let sampling = Sampling(schedule: schedule, sampler: DDIMSampler(spacing: TimestepSpacing(.leading, count: 20)))
  let random = CounterRandom(seed: 1)
  let noise = sampling.noise(count: 1, height: 2, width: 2, random: random)
  let images = try await sampling.images(
    from: noise, random: random,
    denoiser: { x, t in
      let (signal, deviation) = (schedule.alphaBar(t).squareRoot(), (1 - schedule.alphaBar(t)).squareRoot())
      var noise = x
      noise.values = x.values.map { ($0 - signal * value) / deviation }
      return .noise(noise)
    })
  let worst = images.values.max { abs($0 - value) < abs($1 - value) }
  return Check(
    name: "Diffusion: what DDIM makes of exact noise", computed: worst ?? .nan, expected: value, tolerance: 1e-9)
}

/// The first step of Adam is the rate against the sign of the gradient, g/(|g| + ε).
func firstStep() -> Check {
  let (rate, gradient, epsilon) = (0.01, -0.3, 1e-8)
  var values = [1.0]
  var adam = Adam<Double>(count: 1, epsilon: epsilon)
  adam.step(&values, gradient: [gradient], rate: rate)
  return Check(
    name: "Training: the first step of Adam", computed: values[0] - 1,
    expected: -rate * gradient / (abs(gradient) + epsilon), tolerance: 1e-9)
}
