import BenchFile
import Calibration
import Concurrency
import DriverCatalogue
import Measuring
import Testing
import Twin

/// Protects what gratings tell of pixels: what the hidden panel does is read by the test alone.
@Suite("The routine crosstalk")
struct CrosstalkRoutineTests {
  private static func file(_ sides: String) throws -> BenchFile {
    let profile = try BenchFile.load(path: "simulated", drivers: .standard)
    let panel = "  modulator: {fillFactor: 0.93, deadPhase: 0.7, crosstalk: 5.5e-6\(sides)}\n"
    return try BenchFile(
      yaml: profile.text.replacing("\nsimulated:\n", with: "\nsimulated:\n" + panel), path: profile.path,
      drivers: .standard)
  }

  @Test(
    "width and fill factor are found, and sides that differ where they do and nowhere else",
    arguments: [(false, ""), (true, ", crosstalkAspect: 0.2, crosstalkSkewX: 0.5")])
  func finds(areSided: Bool, sides: String) async throws {
    let file = try Self.file(sides)
    let assembled = try await file.assemble()
    let truth = try #require(assembled.truth)
    var known = file.parameters
    for parameter in known.free { known[parameter.name] = truth[parameter.name] ?? parameter.value }
    let stated = StatedBench(description: file.twin, parameters: file.parameters, layout: file.devices?.layout)
    let bench = try CalibratedBench(stated, products: [Self.product(.twin(known))])
    let routine = CrosstalkRoutine(seed: 2)
    try await assembled.bench.start()
    var acquisition = Acquisition(on: assembled.bench)
    let outcome = try await routine.run(on: bench, &acquisition, RoutineWork(threads: 2)).accepted()
    try await assembled.bench.stop()
    let after = try bench.adding(Self.product(outcome.content)).parameters
    #expect(abs(after["crosstalk"] / 5.5e-6 - 1) < 0.05, "\(after["crosstalk"])")
    #expect(abs(after["fillFactor"] - 0.93) < 0.005, "\(after["fillFactor"])")
    for name in ["crosstalkAspect", "crosstalkSkewX", "crosstalkSkewY"] {
      let expected = try #require(truth[name])
      #expect(abs(after[name] - expected) < (areSided ? 0.1 : 1e-12), "\(name): \(after[name])")
      #expect(outcome.report.untouched.contains(name) != areSided)
    }
    #expect(after["mirrorGap"] == known["mirrorGap"])
    #expect(outcome.report.meaning?.contains(areSided ? "to the left and right" : "to all sides") == true)
    #expect((outcome.posterior.standardDeviation(of: "crosstalk") ?? 0) > 0)
  }

  @Test("every grating is there, each is periodic, and a falling one is a rising one backwards")
  func gratings() {
    let all = GratingPatterns.Grating.all
    #expect(all.count == 10 && Set(all.map(\.period)) == [2, 3, 4])
    let patterns = GratingPatterns(layers: 3, grid: 24).series(12, seed: 5)
    #expect(patterns == GratingPatterns(layers: 3, grid: 24).series(12, seed: 5))
    for (index, grating) in all.enumerated() {
      let step = (2 * Float.pi / Float(grating.period)) * (grating.falls ? -1 : 1)
      for tile in 0..<4 {
        let (left, top) = (tile % 2 * 12, tile / 2 * 12)
        for place in 0..<11 {
          func phase(_ k: Int) -> Float {
            grating.isAlongY
              ? patterns[index][index % 3, top + k, left + 3] : patterns[index][index % 3, top + 3, left + k]
          }
          // The same step from pixel to pixel, up to turns and to a level.
          let turns = (phase(place + 1) - phase(place) - step) / (2 * .pi)
          #expect(abs(turns - turns.rounded()) < 1.01 / 256)
        }
      }
    }
  }

  private static func product(_ content: ProductContent) -> Product {
    Product(
      content: content, report: RoutineReport(estimates: [], frames: 0, fitted: 0),
      provenance: Provenance(routine: "test", software: "test"))
  }
}
