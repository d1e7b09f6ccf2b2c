import Arrays
import BenchFile
import Calibration
import Concurrency
import DriverCatalogue
import Measuring
import Optics
import Testing
import Twin

/// The extended twin against the plant with every effect on, which is code of its own.
@Suite struct RealisticPlantTests {
  private struct Bench {
    let file: BenchFile
    let assembled: AssembledBench
    let light: Stack<Float>

    init() async throws {
      file = try BenchFile.load(path: "realistic", drivers: .standard)
      assembled = try await file.assemble()
      // Little enough that no spot saturates the camera.
      light = Stack(count: 1, height: file.twin.input.size, width: file.twin.input.size, repeating: 0.5)
      try await assembled.bench.start()
    }

    /// Frames of random squares, every other one of grey levels.
    func measure(_ count: Int, seed: UInt64) async throws -> (patterns: [Stack<Float>], frames: Stack<Double>) {
      let plan = SquarePatterns(layers: file.twin.geometry.layers, grid: file.twin.geometry.grid)
      let random = CounterRandom(seed: seed)
      let patterns = (0..<count).map { plan.pattern($0, random: random, greyLevels: $0 % 2 == 1) }
      var values: [Double] = []
      var shape = (height: 0, width: 0)
      for pattern in patterns {
        let frame = try await assembled.bench.intensities(layers: pattern, inputs: light, block: 1)
        #expect(frame.values.allSatisfy { $0 < 1 }, "no sample is clipped")
        shape = (frame.height, frame.width)
        values += frame.values.map { Double($0) }
      }
      return (patterns, Stack(count: count, height: shape.height, width: shape.width, values: values))
    }
  }

  @Test("the fit of every effect, from zero angles, comes below 0.03 on held-out frames and says how far it may be off")
  func fit() async throws {
    let bench = try await Bench()
    let (patterns, frames) = try await bench.measure(24, seed: 3)
    let data = FitData(
      patterns: patterns.map { $0.converted() }, inputs: bench.light.converted(), frames: frames, block: 1,
      heldOut: Array(16..<24))
    let twin = try Twin<Double>(bench.file.twin, parameters: bench.file.parameters)
    var relaxed = FitOptions()
    relaxed.refusesSingular = false
    relaxed.considered = bench.file.considered
    let options = relaxed
    let report = try await computing {
      try twin.fit(data, free: bench.file.parameters.free.map(\.name), options: options)
    }
    #expect(report.isImproved)
    #expect(report.after.pearson < 0.03)
    #expect(report.before.pearson > 10 * report.after.pearson)
    #expect(report.verdict.modelClass == .sufficient)
    #expect(report.entries.count > 50)
    let truth = try #require(bench.assembled.truth)
    let scores = report.entries.compactMap { entry in
      truth[entry.name].map { (name: entry.name, score: (entry.value - $0) / entry.standardDeviation) }
    }
    #expect(scores.count > 50)
    let outside = scores.filter { abs($0.score) > 2 }
    #expect(outside.count * 10 <= scores.count, "\(outside)")
    #expect(scores.allSatisfy { abs($0.score) < 5 }, "\(outside)")
    try await bench.assembled.bench.stop()
  }

  @Test("with the plant's true values the twin agrees with it; with the true alignment alone it does not")
  func truth() async throws {
    let bench = try await Bench()
    let (patterns, frames) = try await bench.measure(4, seed: 4)
    func discrepancy(_ names: (String) -> Bool) throws -> Double {
      var parameters = bench.file.parameters
      for parameter in parameters.all { parameters[parameter.name] = parameter.neutral ?? parameter.value }
      for (name, value) in try #require(bench.assembled.truth) where names(name) { parameters[name] = value }
      let twin = try Twin<Float>(bench.file.twin, parameters: parameters)
      let computed = try patterns.flatMap { try twin.forward(layers: $0, inputs: bench.light, block: 1).values }
      return Discrepancy(
        Stack(count: frames.count, height: frames.height, width: frames.width, values: computed.map { Double($0) }),
        frames
      ).pearson
    }
    #expect(try discrepancy { _ in true } < 0.02)
    #expect(try discrepancy { TwinParameters.alignmentNames.contains($0) } > 0.05)
    #expect(try discrepancy { _ in false } > 0.3)
    try await bench.assembled.bench.stop()
  }
}
