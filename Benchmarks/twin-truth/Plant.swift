import Arrays
import BenchFile
import Calibration
import DriverCatalogue
import Measuring
import Optics
import SecondPlant
import Twin

/// A bench of which the report knows the truth, and the frames that it shows.
struct Plant {
  /// What the bench has wrong.
  enum Kind: String, CaseIterable {
    /// Everything that the simulator knows.
    case realistic
    /// Nothing that the free parameters of `realistic` lack.
    case own
    /// Nothing that the parameters of ``few`` lack.
    case few
    /// The truth of `own`, and frames of the twin itself.
    case twin
    /// The truth of `own`, and frames of the twin with twice its sampling.
    case finer
    /// A plant by other code, with its own flatness, roughness and bent response.
    case second
    /// The same without anything that the free parameters lack.
    case secondOwn
  }

  /// Alignment, modulator, light and the camera's place: what most benches show.
  static let few = [
    "mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY", "response1", "response2", "response3",
    "crosstalk", "fillFactor", "zeroOrderPhase", "illuminationCurvature", "illuminationSlopeX", "illuminationSlopeY",
    "modulatorZernike4", "modulatorZernike5", "modulatorZernike6", "modulatorZernike7", "modulatorZernike8",
    "detectorShiftX", "detectorShiftY", "detectorRotation", "detectorScale",
  ]

  let file: BenchFile
  /// By the twin's names. For the report alone: no fit is given it.
  let truth: [String: Double]
  let data: FitData
  /// What is believed before a fit. A point spread that the plant does not have, and ``few`` do not find, would be one more effect
  /// that the twin has wrong.
  let believed: TwinParameters
  /// What is believed to be off although no fit moves it. A plant of the twin's own class has nothing of that.
  let considered: [String]

  /// - Parameters:
  ///   - seed: of what the bench has wrong, of its noise and of the patterns.
  ///   - given: parameters whose true values are believed from the start.
  init(_ kind: Kind, seed: UInt64, given: [String] = [], threads: Int) async throws {
    let profile = try BenchFile.load(path: "realistic", drivers: .standard)
    file = try BenchFile(
      yaml: try Self.text(profile.text, kind: kind, seed: seed), path: profile.path, drivers: .standard)
    var parameters = file.parameters
    if kind == .few { parameters["pointSpread"] = 0 }
    let assembled = try await file.assemble()
    let other = kind.isSecond ? SecondPlant(drawnFor: file, seed: seed, isOwn: kind == .secondOwn) : nil
    truth = other?.truth.names(layers: file.twin.geometry.layers) ?? assembled.truth ?? [:]
    let known = try parameters.names(selectedBy: given)
    for name in known { parameters[name] = truth[name] ?? parameters[name] }
    believed = parameters
    considered = kind.isOwn ? [] : file.considered.filter { !known.contains($0) }
    let geometry = file.twin.geometry
    let plan = SquarePatterns(layers: geometry.layers, grid: geometry.grid)
    let random = CounterRandom(seed: seed)
    let patterns = (0..<24).map { plan.pattern($0, random: random, greyLevels: $0 % 2 == 1) }
    let size = file.twin.input.size
    let light = Stack<Float>(count: 1, height: size, width: size, repeating: 0.45)
    let frames: Stack<Double>
    switch kind {
    case .twin, .finer:
      frames = try Self.computed(
        file, truth, patterns, light, sampling: geometry.sampling * (kind == .finer ? 2 : 1), seed: seed,
        threads: threads)
    case .second, .secondOwn:
      frames = other?.frames(patterns, file, noise: Self.noise) ?? Stack(count: 0, height: 0, width: 0)
    case .realistic, .own, .few:
      try await assembled.bench.start()
      frames = try await Self.measured(assembled.bench, patterns, light)
      try await assembled.bench.stop()
    }
    data = FitData(
      patterns: patterns.map { $0.converted() }, inputs: light.converted(), frames: frames,
      block: kind.isSecond ? SecondPlant.block : 1, heldOut: Array(16..<24), saturation: 1, noise: Self.noise)
  }

  /// The camera of `realistic`: 20 000 electrons, 5 of read noise, 12 bits.
  private static let noise = FrameNoise(read: 5 / 20e3, shot: 1 / 20e3, step: 1.0 / 4095)

  private static func measured(
    _ bench: any OpticalUnit, _ patterns: [Stack<Float>], _ light: Stack<Float>
  ) async throws -> Stack<Double> {
    var values: [Double] = []
    var shape = (height: 0, width: 0)
    for pattern in patterns {
      let frame = try await bench.intensities(layers: pattern, inputs: light, block: 1)
      shape = (frame.height, frame.width)
      values += frame.values.map { Double($0) }
    }
    return Stack(count: patterns.count, height: shape.height, width: shape.width, values: values)
  }

  /// Frames of a twin at the truth, with the noise of the camera and a laser that fluctuates by 1 %.
  private static func computed(
    _ file: BenchFile, _ truth: [String: Double], _ patterns: [Stack<Float>], _ light: Stack<Float>, sampling: Int,
    seed: UInt64, threads: Int
  ) throws -> Stack<Double> {
    var description = file.twin
    description.geometry.sampling = sampling
    var parameters = try file.parameters.freeing([])
    for parameter in file.parameters.free { parameters[parameter.name] = truth[parameter.name] ?? parameter.value }
    let twin = try Twin<Double>(description, parameters: parameters, threads: threads)
    var values: [Double] = []
    let shape = try twin.detectorShape(block: 1)
    for (index, pattern) in patterns.enumerated() {
      let draws = CounterRandom(seed: seed).stream(named: "computed frames").child(UInt64(index))
      let power = 1 + 0.01 * draws.normal(at: 1 << 20)
      let frame = try twin.forward(layers: pattern.converted(), inputs: light.converted(), block: 1).values
      values += frame.enumerated().map { position, value in
        power * value + noise.variance(at: value).squareRoot() * draws.normal(at: UInt64(position))
      }
    }
    return Stack(count: patterns.count, height: shape.height, width: shape.width, values: values)
  }

  // MARK: - The bench file

  /// The profile `realistic` with another seed and without what `kind` lacks.
  private static func text(_ profile: String, kind: Kind, seed: UInt64) throws -> String {
    var lines = profile.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func set(_ section: String, _ key: String, _ value: String) throws {
      guard let plant = lines.firstIndex(of: "simulated:"),
        let start = lines[plant...].firstIndex(where: { $0.hasPrefix(section.isEmpty ? "simulated:" : "  \(section):") }
        ),
        let index = lines[start...].firstIndex(where: { $0.drop { $0 == " " }.hasPrefix(key + ":") })
      else { throw ReportError.profile(section + "." + key) }
      lines[index] = lines[index].prefix { $0 == " " } + "\(key): \(value)"
    }
    try set("", "seed", "\(seed)")
    if kind != .realistic, !kind.isSecond {
      try set("layers", "flatness", "{rms: 0}")
      try set("modulator", "regionalSlope", "0")
      try set("modulator", "sine", "0")
      try set("source", "aberration", "{rms: 0.65}")
    }
    if kind == .few {
      for key in ["shift", "tilt", "rotation", "scale", "distance"] {
        try set("layers", key, "0")
      }
      for key in ["keystoneX", "keystoneY", "pointSpread", "offset"] { try set("imaging", key, "0") }
      try set("imaging", "aberration", "{rms: 0}")
      let draws = CounterRandom(seed: seed).stream(named: "source of few")
      let zernikes = (0..<8).map { $0 < 5 ? 0.3 * draws.normal(at: UInt64($0)) : 0 }
      try set("source", "aberration", "{exact: \(zernikes)}")
    }
    return lines.joined(separator: "\n")
  }
}

extension Plant.Kind {
  var isSecond: Bool { self == .second || self == .secondOwn }
  /// Whether it has nothing that the free parameters lack.
  var isOwn: Bool { self != .realistic && self != .second }
}

extension Plant {
  /// How a twin with everything at its true value differs from the held-out frames.
  func discrepancyAtTruth(threads: Int) throws -> Double {
    var parameters = file.parameters
    for parameter in parameters.all { parameters[parameter.name] = truth[parameter.name] ?? parameter.value }
    let twin = try Twin<Double>(file.twin, parameters: parameters, threads: threads)
    let discrepancies = try data.heldOut.map { frame in
      let computed = try twin.forward(layers: data.patterns[frame], inputs: data.inputs, block: data.block)
      return Discrepancy(computed, data.frames.planes(frame..<frame + 1)).pearson
    }
    return discrepancies.reduce(0, +) / Double(discrepancies.count)
  }

  /// Where a search may start as well: half as far again as the truth, with the gap a tenth of a millimetre too long.
  func otherStart() -> TwinParameters {
    var parameters = believed
    for name in ["mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"] {
      parameters[name] = 1.5 * (truth[name] ?? 0)
    }
    parameters["mirrorGap"] = (truth["mirrorGap"] ?? parameters["mirrorGap"]) + 100e-6
    return parameters.clamped()
  }
}

enum ReportError: Error, CustomStringConvertible {
  case profile(String)

  var description: String {
    switch self {
    case .profile(let key): "the profile realistic has no key \(key) below simulated"
    }
  }
}
