import Arrays
import Optics
import Testing
import Twin

/// Measurements of a twin by a twin: the truth is known exactly.
struct FitExample {
  var description: TwinDescription
  var truth: TwinParameters
  var data: FitData

  /// - Parameters:
  ///   - changes: what differs from the nominal bench.
  ///   - noise: standard deviation of each sample as a part of the frame's mean.
  init(
    _ changes: [String: Double], frames: Int = 12, heldOut: Int = 4, noise: Double = 0, seed: UInt64 = 1,
    description: TwinDescription = .small(
      .cavity, grid: 40, padding: 1.5, input: InputDescription(size: 10, block: 4))
  ) throws {
    self.description = description
    truth = TwinParameters(nominalFor: description)
    for (name, value) in changes { truth[name] = value }
    let random = CounterRandom(seed: seed)
    let side = description.geometry.grid
    let patterns = (0..<frames).map { Self.squares(layers: 3, grid: side, random: random.child(UInt64($0))) }
    let size = description.input.size
    let input = Stack<Double>(count: 1, height: size, width: size, repeating: 1)
    let twin = try Twin<Double>(description, parameters: truth.freeing([]), threads: 2)
    var measured: [Double] = []
    for (index, pattern) in patterns.enumerated() {
      var frame = try twin.forward(layers: pattern, inputs: input, block: 1).values
      let mean = frame.reduce(0, +) / Double(frame.count)
      let draws = random.stream(named: "noise").child(UInt64(index))
      // The laser's power is not the same for two frames.
      let power = 1 + 0.05 * draws.normal(at: 1 << 20)
      for sample in frame.indices {
        frame[sample] = power * frame[sample] + noise * mean * draws.normal(at: UInt64(sample))
      }
      measured += frame
    }
    data = FitData(
      patterns: patterns, inputs: input, frames: Stack(count: frames, height: side, width: side, values: measured),
      block: 1, heldOut: Array(frames - heldOut..<frames))
  }

  /// Ten squares of random phases on each layer.
  static func squares(layers: Int, grid: Int, random: CounterRandom) -> Stack<Double> {
    var phases = Stack<Double>(count: layers, height: grid, width: grid)
    var draws = random.generator()
    for layer in 0..<layers {
      for _ in 0..<10 {
        let side = Int.random(in: 3...10, using: &draws)
        let (left, top) = (
          Int.random(in: 0...grid - side, using: &draws), Int.random(in: 0...grid - side, using: &draws)
        )
        let phase = Double.random(in: 0...2 * .pi, using: &draws)
        for y in top..<top + side {
          for x in left..<left + side { phases[layer, y, x] = phase }
        }
      }
    }
    return phases
  }

  /// The nominal bench, which knows nothing of the truth.
  func start(_ changes: [String: Double] = [:], threads: Int = 2) throws -> Twin<Double> {
    var parameters = TwinParameters(nominalFor: description)
    for (name, value) in changes { parameters[name] = value }
    return try Twin<Double>(description, parameters: parameters, threads: threads)
  }

  /// What some parameters truly are.
  func truthValues(_ names: [String]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: names.map { ($0, truth[$0]) })
  }

  /// The nominal bench with parameters that are not as they usually are.
  func start(changing change: (inout TwinParameter) -> Void) throws -> Twin<Double> {
    var parameters = TwinParameters(nominalFor: description)
    for var parameter in parameters.all {
      change(&parameter)
      try parameters.update(parameter)
    }
    return try Twin<Double>(description, parameters: parameters, threads: 2)
  }
}

@Suite struct FitTests {
  private static let alignment = ["mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"]
  private static let tilted = [
    "mirrorGap": 4.05e-3, "mirrorTiltX": 1.2e-3, "mirrorTiltY": -0.8e-3, "beamTiltX": -1.5e-3, "beamTiltY": 0.9e-3,
  ]

  @Test("five parameters are found from zero angles, exactly where there is no noise")
  func exactRecovery() throws {
    let example = try FitExample(Self.tilted)
    var options = FitOptions()
    // The frames are those of a twin with this sampling.
    options.doubtsSampling = false
    let report = try example.start().fit(example.data, free: Self.alignment, options: options)
    for name in Self.alignment {
      let error = abs(report.parameters[name] - example.truth[name])
      #expect(error < (name == "mirrorGap" ? 1e-8 : 1e-8), "\(name) is off by \(error)")
    }
    #expect(report.isImproved && report.verdict.isSufficient && report.heldOutFrames == 4)
    #expect(report.before.pearson > 0.1 && report.after.pearson < 1e-6)
    #expect(report.entries.map(\.name) == Self.alignment)
  }

  @Test("where only noise is in the way, standard deviations are those of the errors over many draws of it")
  func calibratedCovariance() throws {
    let names = Self.alignment + ["fillFactor", "illuminationSlopeX", "detectorScale"]
    var squares: [String: Double] = [:]
    let draws = 8
    for seed in 1...draws {
      var changes = Self.tilted.merging(["fillFactor": 0.93, "illuminationSlopeX": 0.1, "detectorScale": 1.003]) { $1 }
      let example = try FitExample(changes, frames: 8, heldOut: 2, noise: 0.02, seed: UInt64(seed))
      changes["detectorScale"] = 1.002
      var options = FitOptions()
      options.stages = [FitStage(sampling: 1, iterations: 12)]
      options.doubtsSampling = false
      let report = try example.start(changes).fit(example.data, free: names, options: options)
      for entry in report.entries {
        let score = (entry.value - example.truth[entry.name]) / entry.standardDeviation
        #expect(abs(score) < 5, "\(entry.name), seed \(seed): \(score)")
        squares[entry.name, default: 0] += score * score
      }
    }
    // The mean of 8 squares of 8 parameters: 1 ± 0.18 for independent normal scores.
    let mean = squares.values.reduce(0, +) / Double(draws * names.count)
    #expect(mean > 0.5 && mean < 1.6, "mean square of the scores: \(mean)")
  }

  @Test("what a parameter that stays may be off is in what is said of those that move, and moves none of them")
  func considered() throws {
    let names = Self.alignment + ["modulatorZernike4", "modulatorZernike5", "modulatorZernike6"]
    // The first layer's flatness passes for the light's; the rest pulls at everything.
    let staying = ["plane1Zernike5": 0.1, "plane2Zernike4": 0.1, "plane3Zernike6": 0.1, "plane2ShiftX": 3e-6]
    var (told, untold, count) = (0.0, 0.0, 0.0)
    for seed in 1...6 as ClosedRange<UInt64> {
      let draws = CounterRandom(seed: seed).stream(named: "what stays")
      var changes = Self.tilted
      for (index, (name, prior)) in staying.sorted(by: { $0.key < $1.key }).enumerated() {
        changes[name] = prior * draws.normal(at: UInt64(index))
      }
      let example = try FitExample(changes, frames: 8, heldOut: 2, noise: 0.02, seed: seed)
      let start = try example.start { parameter in
        parameter.value = Self.tilted[parameter.name] ?? parameter.value
        parameter.prior = staying[parameter.name] ?? parameter.prior
      }
      var options = FitOptions()
      options.stages = [FitStage(sampling: 1, iterations: 12)]
      options.doubtsSampling = false
      let without = try start.fit(example.data, free: names, options: options)
      options.considered = staying.keys.sorted()
      let with = try start.fit(example.data, free: names, options: options)
      for (entry, other) in zip(with.entries, without.entries) {
        #expect(entry.value == other.value, "\(entry.name) follows what is said of it")
        let error = entry.value - example.truth[entry.name]
        #expect(abs(error) < 4 * entry.standardDeviation, "\(entry.name), seed \(seed)")
        told += error * error / (entry.standardDeviation * entry.standardDeviation)
        untold += error * error / (other.standardDeviation * other.standardDeviation)
        count += 1
      }
    }
    // Four independent draws in each of six benches: 1 ± 0.3.
    #expect(told / count > 0.4 && told / count < 2, "mean square of the scores: \(told / count)")
    #expect(untold / count > 10, "without it: \(untold / count)")
  }

  @Test("what has no slope where it stays counts all the same, and what is free is not counted twice")
  func consideredAtItsBound() throws {
    let example = try FitExample(Self.tilted, frames: 8, heldOut: 2, noise: 0.02)
    let start = try example.start(Self.tilted)
    func deviation(_ considered: [String]) throws -> Double {
      var options = FitOptions()
      options.stages = [FitStage(sampling: 1, iterations: 4)]
      options.considered = considered
      let report = try start.fit(example.data, free: ["crosstalk", "fillFactor"], options: options)
      return try #require(report.entries.last).standardDeviation
    }
    let alone = try deviation([])
    #expect(try deviation(["pointSpread"]) > 1.5 * alone)
    #expect(try deviation(["crosstalk"]) == alone)
    #expect(throws: TwinError.self) { try deviation(["pointspread"]) }
  }

  @Test("the slopes, by the adjoint and by derivatives of frames, are those by differences", arguments: [false, true])
  func slopes(fitsOffset: Bool) throws {
    let example = try FitExample(Self.tilted, frames: 3, heldOut: 0)
    let names = [
      "mirrorGap", "beamTiltX", "response1", "crosstalk", "fillFactor", "detectorShiftX", "modulatorZernike5",
    ]
    let twin = try example.start(["crosstalk": 4e-6, "fillFactor": 0.95, "detectorShiftX": 1e-6], threads: 1)
    let known = try twin.parameters.freeing(names)
    let blur = FrameBlur(sigma: 0)
    let problem = FitProblem(
      twin: twin, parameters: try known.freeing([]), moving: names.compactMap { known.parameter(named: $0) },
      targets: (0..<3).map {
        FrameTarget(example.data, frame: $0, blur: blur, fitsOffset: fitsOffset, lack: fitsOffset ? 0.02 : nil)
      }, block: 1,
      blur: blur, threads: 2, priorWeight: 0.3)
    let values = problem.moving.map { $0.value / $0.scale + 0.1 }
    let (cost, slope) = try problem.gradient(at: values)
    #expect(abs(cost - (try problem.cost(at: values))) < 1e-9 * cost)
    for (index, name) in names.enumerated() {
      var (up, down) = (values, values)
      up[index] += 1e-4
      down[index] -= 1e-4
      let difference = (try problem.cost(at: up) - problem.cost(at: down)) / 2e-4
      #expect(abs(slope[index] - difference) < 1e-5 * (abs(difference) + 1), "\(name)")
    }
    let full = try problem.normalEquations(at: values)
    let single = try #require(try problem.slope(at: values))
    let largest = slope.map(\.magnitude).max() ?? 0
    for (index, name) in names.enumerated() {
      #expect(abs(full.slope[index] - slope[index]) < 1e-4 * largest, "\(name) by derivatives of frames")
      #expect(abs(single[index] - slope[index]) < 1e-4 * largest, "\(name) by the adjoint in single precision")
    }
  }

  @Test("Adam reaches the same values as Levenberg-Marquardt")
  func adam() throws {
    let example = try FitExample(["mirrorTiltX": 0.2e-3, "response1": 0.05, "beamTiltY": -0.2e-3])
    var options = FitOptions()
    options.optimiser = .adam
    options.stages = [FitStage(sampling: 1, iterations: 10)]
    let names = ["mirrorTiltX", "response1", "beamTiltY"]
    let report = try example.start().fit(example.data, free: names, options: options)
    #expect(report.optimiser == .adam && report.after.pearson < report.before.pearson / 20)
    for entry in report.entries {
      let scale = try #require(example.truth.parameter(named: entry.name)).scale
      #expect(abs(entry.value - example.truth[entry.name]) < 0.1 * scale, "\(entry)")
    }
  }

  @Test("Adam goes through the standard stages: the blurred ones find the alignment", arguments: [[], ["response1"]])
  func adamStages(others: [String]) throws {
    let example = try FitExample(Self.tilted.merging(["response1": 0.05]) { $1 })
    var options = FitOptions()
    options.optimiser = .adam
    let start = try example.start(others.isEmpty ? ["response1": 0.05] : [:])
    let report = try start.fit(example.data, free: Self.alignment + others, options: options)
    #expect(report.optimiser == .adam && report.isImproved)
    #expect(report.after.pearson < report.before.pearson / 20, "\(report.after) after \(report.before)")
  }

  @Test("parameters that start where their effect is absent are found: crosstalk, fill factor, point spread")
  func stationaryStarts() throws {
    let changes = ["crosstalk": 5e-6, "fillFactor": 0.9, "zeroOrderPhase": 0.7, "pointSpread": 6e-6]
    let example = try FitExample(changes)
    var options = FitOptions()
    options.doubtsSampling = false
    let report = try example.start().fit(example.data, free: changes.keys.sorted(), options: options)
    for (name, value) in changes {
      #expect(abs(report.parameters[name] - value) < 0.02 * value, "\(name) is \(report.parameters[name])")
    }
  }

  @Test("a dark level and clipped samples do not pull the fit aside")
  func darkLevelAndSaturation() throws {
    var example = try FitExample(Self.tilted)
    for index in example.data.frames.values.indices { example.data.frames.values[index] += 0.1 }
    let limit = 0.7 * (example.data.frames.values.max() ?? 0)
    for index in example.data.frames.values.indices {
      example.data.frames.values[index] = min(example.data.frames.values[index], limit)
    }
    example.data.saturation = limit
    var options = FitOptions()
    options.fitsOffset = true
    options.doubtsSampling = false
    let report = try example.start().fit(example.data, free: Self.alignment, options: options)
    for name in Self.alignment {
      #expect(abs(report.parameters[name] - example.truth[name]) < 1e-7, "\(name)")
    }
  }

  @Test("a fit that cannot improve returns what it was given, and says so")
  func neverWorse() throws {
    let example = try FitExample(Self.tilted)
    // Held-out frames that belong to another bench: whatever the fit learns is wrong for them.
    let other = try FitExample([:])
    var data = example.data
    for frame in data.heldOut {
      let range = data.frames.range(ofPlane: frame)
      data.frames.values.replaceSubrange(range, with: other.data.frames.values[range])
    }
    let twin = try example.start()
    let report = try twin.fit(data, free: Self.alignment)
    #expect(!report.isImproved && report.parameters == twin.parameters && report.after == report.before)
    #expect(report.entries.allSatisfy { $0.value == twin.parameters[$0.name] })
    // What is said about the parameters belongs to those that are returned: a fit without steps stays there.
    var still = FitOptions()
    still.stages = [FitStage(sampling: 1, iterations: 0)]
    let expected = try twin.fit(data, free: Self.alignment, options: still)
    #expect(!expected.isImproved && report.covariance == expected.covariance)
    #expect(report.identifiability == expected.identifiability)
  }

  @Test("the verdict follows the discrepancy and the noise")
  func verdict() throws {
    var example = try FitExample(Self.tilted, noise: 0.01)
    let mean = example.data.frames.values.reduce(0, +) / Double(example.data.frames.values.count)
    example.data.noise = FrameNoise(read: 0.01 * mean)
    let complete = try example.start().fit(example.data, free: Self.alignment)
    #expect(complete.verdict.modelClass == .complete, "\(complete.verdict.words)")
    // An effect that is there and not free.
    var crooked = try FitExample(
      Self.tilted.merging(["modulatorZernike5": 1.5, "modulatorZernike7": 1]) { $1 }, noise: 0.01)
    crooked.data.noise = example.data.noise
    let missing = try crooked.start().fit(crooked.data, free: Self.alignment)
    #expect(missing.verdict.modelClass != .complete && missing.residualAfter > 2 * (missing.noiseFloor ?? 0))
  }
}
