import Arrays
import BenchFile
import Calibration
import Concurrency
import DriverCatalogue
import Measuring
import Testing
import Twin

/// Protects the measured response: what the panel truly shows is read from the hidden plant by the test alone.
@Suite("The routine response")
struct ResponseRoutineTests {
  /// What the hidden panel shows, in turns at u of one.
  private static let hidden = (slope: 0.03, quadratic: 0.05, sine: 0.06, regional: 0.02)

  private static func shown(_ u: Double) -> Double {
    u * (1 + hidden.slope) + hidden.quadratic * u * (1 - u) + hidden.sine * Double.sin(2 * .pi * u) / 2
  }

  private static func file() throws -> BenchFile {
    let profile = try BenchFile.load(path: "simulated", drivers: .standard)
    let panel =
      "  modulator: {slope: \(hidden.slope), quadratic: \(hidden.quadratic), sine: \(hidden.sine), regions: 2, "
      + "regionalSlope: \(hidden.regional)}\n"
    let text = profile.text.replacing("\nsimulated:\n", with: "\nsimulated:\n" + panel)
      .replacing("\nparameters:\n", with: "\nmodulator: {regions: 2}\n\nparameters:\n")
    return try BenchFile(yaml: text, path: profile.path, drivers: .standard)
  }

  @Test(
    "the curve and the slopes of the regions of a hidden panel are found, and the bench then shows what it is asked for"
  )
  func curve() async throws {
    let file = try Self.file()
    let assembled = try await file.assemble()
    let truth = try #require(assembled.truth)
    var known = file.parameters
    for parameter in known.free { known[parameter.name] = truth[parameter.name] ?? parameter.value }
    let stated = StatedBench(
      description: file.twin, parameters: file.parameters, considered: file.considered,
      layout: file.devices?.layout)
    let bench = try CalibratedBench(stated, products: [Self.product(.twin(known))])
    var routine = ResponseRoutine(seed: 3)
    (routine.squares.fitted, routine.squares.heldOut, routine.squares.grey) = (16, 4, 20)
    try await assembled.bench.start()
    var acquisition = Acquisition(on: assembled.bench)
    let plan = try #require(try routine.plan(for: bench, after: []))
    let measured = try await acquisition.frames(of: plan) { _ in }
    try await assembled.bench.stop()
    let fit = try await computing { [routine] in try routine.fit([measured], on: bench, RoutineWork(threads: 2)) }
    #expect(fit.outcome.isAccepted, "\(fit.outcome.fit.verdict.words)")

    let curve = try #require(fit.model.curve)
    for layer in 1...4 {
      for region in 1...4 {
        let name = "plane\(layer)Response\(region)"
        let slope = try #require(truth[name])
        let squares = (0..<256).map { level -> Double in
          let u = Double(level) / 256
          let found = curve[level] / (2 * .pi) + (fit.model.parameters.values[name] ?? 0) * u
          return (found - Self.shown(u) - slope * u) * (found - Self.shown(u) - slope * u)
        }
        let error = (squares.reduce(0, +) / 256).squareRoot()
        #expect(error < 0.004, "waves RMS, \(name)")
        // A control: what the file states is ten times as far off.
        let stated = (0..<256).map { Double($0) / 256 }.map { Self.shown($0) + slope * $0 - $0 }
        #expect((stated.reduce(0) { $0 + $1 * $1 } / 256).squareRoot() > 0.01)
      }
    }
    // As the bench is known afterwards.
    let after = try bench.adding(Self.product(routine.content(of: fit)))
    #expect(after.description.modulator.response == curve)
    #expect(try Self.isOff(bench, truth) > 0.02, "waves RMS, phases shown by a panel that is taken to be linear")
    #expect(try Self.isOff(after, truth) < 0.004, "waves RMS, phases shown by what was measured")
    #expect(after.parameters["response1"] == 0 && after.parameters["mirrorGap"] == known["mirrorGap"])
    // Or the two would make each other stale for ever.
    #expect(JointFitRoutine.parents.contains(.response) && !ResponseRoutine.parents.contains(.twin))
    let estimates = routine.report(on: fit).estimates
    #expect(estimates.contains { $0.name == "responseKnot8" && $0.standardDeviation > 0 })
  }

  /// How far the phases that the hidden panel shows are from those that are asked for, in waves RMS over the circle and all regions.
  private static func isOff(_ bench: CalibratedBench, _ truth: [String: Double]) throws -> Double {
    let grid = bench.description.geometry.grid
    let asked = (0..<4 * grid * grid).map { Float($0 % 997) / 997 * 2 * .pi }
    let layers = Stack<Float>(count: 4, height: grid, width: grid, values: asked)
    let commands = bench.inverse(for: bench.meaning)?.commands(layers) ?? layers
    var sum = 0.0
    for index in asked.indices {
      let (plane, y, x) = (index / (grid * grid), index / grid % grid, index % grid)
      let region = 2 * y / grid * 2 + 2 * x / grid + 1
      // As the panel has it: in whole levels.
      let u = (Double(commands.values[index]) / (2 * .pi) * 256).rounded().truncatingRemainder(dividingBy: 256) / 256
      let phase = shown(u) + (try #require(truth["plane\(plane + 1)Response\(region)"])) * u
      let off = phase - Double(asked[index]) / (2 * .pi)
      sum += (off - off.rounded()) * (off - off.rounded())
    }
    return (sum / Double(asked.count)).squareRoot()
  }

  private static func product(_ content: ProductContent) -> Product {
    Product(
      content: content, report: RoutineReport(estimates: [], frames: 0, fitted: 0),
      provenance: Provenance(routine: "test", software: "test"))
  }
}
