import Arrays
import BenchFile
import Calibration
import Concurrency
import Devices
import DriverCatalogue
import Foundation
import Measuring
import Testing
import Twin

/// Protects that twin and bench show the same for a phase that is asked for, on a plant whose panel bends.
@Suite("Phases asked for, on the hidden plant")
struct PhasesOnPlantTests {
  private static func table() async throws -> (bench: CalibratedBench, assembled: AssembledBench) {
    let profile = try BenchFile.load(path: "simulated", drivers: .standard)
    let panel = "  modulator: {slope: 0.03, quadratic: 0.05, sine: 0.06, regions: 2, regionalSlope: 0.02}\n"
    let text = profile.text.replacing("\nsimulated:\n", with: "\nsimulated:\n" + panel)
      .replacing("\nparameters:\n", with: "\nmodulator: {regions: 2}\n\nparameters:\n")
    let file = try BenchFile(yaml: text, path: profile.path, drivers: .standard)
    let assembled = try await file.assemble()
    let truth = try #require(assembled.truth)
    var known = file.parameters
    for name in known.names { known[name] = truth[name] ?? known[name] }
    (known["response1"], known["response2"]) = (0, 0)
    let curve = (0...256).map { index -> Double in
      let u = Double(index) / 256
      return 2 * .pi * (1.03 * u + 0.05 * u * (1 - u) + 0.06 * sin(2 * .pi * u) / 2)
    }
    let stated = StatedBench(description: file.twin, parameters: file.parameters, layout: file.devices?.layout)
    func product(_ content: ProductContent) -> Product {
      Product(
        content: content, report: RoutineReport(estimates: [], frames: 0, fitted: 0),
        provenance: Provenance(routine: "test", software: "test"))
    }
    let slopes = known.names.filter { $0.contains("Response") }
    return (
      try CalibratedBench(
        stated,
        products: [
          product(.twin(known)),
          product(.response(ResponseModel(curve: curve, parameters: ParameterValues(slopes, of: known)))),
        ]), assembled
    )
  }

  @Test("frames of the bench are those of the twin for the same phases; calibrations go on to show commands")
  func frames() async throws {
    let (bench, assembled) = try await Self.table()
    #expect(bench.meaning == .phases && bench.inverse(for: .commands) == nil)
    let inverse = try #require(bench.inverse(for: bench.meaning))
    let (layers, inputs) = (
      SquarePatterns(layers: 4, grid: bench.description.geometry.grid)
        .pattern(0, random: CounterRandom(seed: 4), greyLevels: true),
      Stack<Float>(count: 1, height: 20, width: 20, repeating: 0.5)
    )
    try await assembled.bench.start()
    let asked = try await assembled.bench.showing(inverse).intensities(layers: layers, inputs: inputs, block: nil)
    let told = try await assembled.bench.showing(nil).intensities(layers: layers, inputs: inputs, block: nil)
    try await assembled.bench.stop()
    func off(_ frame: Stack<Float>, _ inverse: PhaseInverse?) throws -> Double {
      let twin = try Twin<Float>(bench.description.showing(inverse), parameters: bench.parameters, threads: 1)
      return Discrepancy(frame, try twin.forward(layers: layers, inputs: inputs)).pearson
    }
    #expect(try off(asked, inverse) < 0.01 && off(told, nil) < 0.01)
    // Controls: what one shows is not what the other predicts.
    #expect(try off(asked, nil) > 3 * off(asked, inverse) && off(told, inverse) > 3 * off(told, nil))
  }

  @Test("the panel has the very level that is chosen, and an ideal response leaves every level as it was")
  func levels() throws {
    let layout = LayerLayout(origins: [PanelPoint(x: 0, y: 0)], grid: 64)
    let encoder = PatternEncoder(
      layout: BenchLayout(
        layers: layout, input: InputLayout(origin: PanelPoint(x: 0, y: 0), size: 4, scale: 1),
        camera: CameraLayout(x: 0, y: 0, width: 64, height: 64)))
    func levels(_ layers: Stack<Float>) -> [UInt8] {
      var pattern = Pattern(width: 64, height: 64)
      encoder.draw(layers: layers, on: &pattern)
      return pattern.levels
    }
    let random = CounterRandom(seed: 9)
    let layers = Stack<Float>(
      count: 1, height: 64, width: 64, values: (0..<4096).map { Float(random.uniform(in: -20...20, at: $0)) })
    let geometry = GeometryDescription(
      kind: .planes, wavelength: 850e-9, pitch: 8e-6, grid: 64, layers: 1, distance: 1e-3)
    var description = TwinDescription(
      geometry: geometry, input: InputDescription(size: 4, block: 1), detector: DetectorDescription(block: 1))
    let nominal = TwinParameters(nominalFor: description)
    #expect(levels(description.inverse(nominal, count: 256).commands(layers)) == levels(layers))
    // A panel that shows half of what it receives needs the double of it.
    description.modulator.response = [0, .pi]
    let half = description.inverse(nominal, count: 256)
    let quarter = Stack<Float>(count: 1, height: 64, width: 64, repeating: .pi / 2)
    #expect(levels(half.commands(quarter)) == [UInt8](repeating: 128, count: 4096))
  }
}
