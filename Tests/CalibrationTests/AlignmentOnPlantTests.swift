import Arrays
import BenchFile
import Calibration
import Devices
import DriverCatalogue
import Foundation
import Measuring
import Optics
import Testing
import Twin

@Suite struct AlignmentOnPlantTests {
  @Test("the alignment of a hidden plant is found from zero angles, through devices, noise and quantisation")
  func findsThePlant() async throws {
    let file = try BenchFile.load(path: "simulated", drivers: .standard)
    let assembled = try await file.assemble()
    let truth = try #require(assembled.truth)
    try await assembled.bench.start()
    let report = try await jointFit(
      on: assembled.bench, twin: try Twin<Double>(file.twin, parameters: file.parameters), seed: 5)
    try await assembled.bench.stop()
    #expect(report.isAccepted)
    #expect(report.fit.after.pearson < 0.01)
    #expect(report.fit.before.pearson > 10 * report.fit.after.pearson)
    for entry in report.fit.entries {
      let value = try #require(truth[entry.name])
      if entry.unit == "rad" {
        #expect(abs(entry.value - value) < 0.01 * abs(value), "\(entry.name)")
      } else {
        #expect(abs(entry.value - value) < 20e-6, "\(entry.name)")
      }
    }
  }

  @Test("the twin at the plant's true alignment agrees with the plant, which is code of its own")
  func twinAgreesWithPlant() async throws {
    let file = try BenchFile.load(path: "simulated", drivers: .standard)
    let assembled = try await file.assemble()
    var parameters = file.parameters
    for (name, value) in try #require(assembled.truth) { parameters[name] = value }
    var description = file.twin
    description.geometry.sampling = 2
    try await assembled.bench.start()
    let plan = SquarePatterns(layers: description.geometry.layers, grid: description.geometry.grid)
    let pattern = plan.pattern(0, random: .init(seed: 9))
    // Half the amplitude, so that no spot saturates the camera.
    let input = AlignmentOnPlantTests.uniform(0.5, size: description.input.size)
    let frames = try await assembled.bench.intensities(layers: pattern, inputs: input, block: 1)
    let computed = try Twin<Float>(description, parameters: parameters).forward(
      layers: pattern, inputs: input, block: 1)
    #expect(Discrepancy(computed, frames).pearson < 5e-3)
    // A control: the same twin without tilts is far off.
    let straight = try Twin<Float>(description, parameters: file.parameters)
    let missed = Discrepancy(try straight.forward(layers: pattern, inputs: input, block: 1), frames)
    #expect(missed.pearson > 0.3)
  }
}

extension AlignmentOnPlantTests {
  static func uniform(_ value: Float, size: Int) -> Stack<Float> {
    Stack(count: 1, height: size, width: size, repeating: value)
  }
}
