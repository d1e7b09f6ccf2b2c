import Arrays
import BenchFile
import Calibration
import Concurrency
import DriverCatalogue
import Foundation
import Measuring
import Testing
import Twin

/// The source routine on a bench that the test knows: a twin with a wavefront free in form.
@Suite struct SourceRoutineTests {
  private static let wavelength = 850e-9

  private static func description() -> TwinDescription {
    TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: wavelength, pitch: 18.4e-6, grid: 32, layers: 3, distance: 3e-3, padding: 1.5,
        sampling: 1),
      input: InputDescription(size: 7, block: 4), detector: DetectorDescription(block: 1))
  }

  /// A wavefront that is no spline: waves of 10 and more samples across the layer.
  private static func hidden() throws -> (map: SourceMap, phase: [Double]) {
    let phase = (0..<32 * 32).map { index in
      let (x, y) = (Double(index % 32), Double(index / 32))
      return 0.25 * sin(x / 2.3 + 0.4) * cos(y / 3.1) + 0.2 * cos((x + y) / 3.5)
    }
    var map = SourceMap(fineness: 24)
    map.phase = try BicubicSpline(fineness: 24, side: 32).coefficients(closestTo: phase)
    return (map, BicubicSpline(fineness: 24, side: 32).values(map.phase))
  }

  /// A bench with the camera's noise that is a twin.
  private struct Unit: OpticalUnit {
    let twin: Twin<Float>
    let light: Float
    let taken = Locked(0)

    func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
      var frame = try twin.forward(layers: layers, inputs: inputs, block: block)
      let random = CounterRandom(seed: 11).child(
        UInt64(
          taken.withLock {
            $0 += 1
            return $0
          }))
      for index in frame.values.indices {
        let value = 0.1 * light * frame.values[index]
        let deviation = (25 + 20e3 * max(0, value)).squareRoot() / 20e3
        frame.values[index] = value + deviation * Float(random.normal(at: UInt64(index)))
      }
      return Measured(intensities: frame, saturation: nil)
    }
  }

  /// A bench that was aligned before.
  private static func aligned(_ parameters: TwinParameters) throws -> CalibratedBench {
    let stated = StatedBench(description: description(), parameters: TwinParameters(nominalFor: description()))
    return try CalibratedBench(stated).adding(
      Product(
        content: .alignment(
          ParameterValues(TwinParameters.alignmentNames.filter(stated.parameters.names.contains), of: parameters)),
        report: RoutineReport(estimates: [], frames: 0, fitted: 0),
        provenance: Provenance(routine: "alignment", software: "test")))
  }

  private static func truth() -> TwinParameters {
    var parameters = TwinParameters(nominalFor: description())
    (parameters["mirrorTiltX"], parameters["mirrorTiltY"]) = (1e-3, -0.7e-3)
    (parameters["beamTiltX"], parameters["beamTiltY"]) = (0.6e-3, 0.9e-3)
    return parameters
  }

  private static func routine() -> SourceRoutine {
    var routine = SourceRoutine(seed: 3)
    (routine.sampling, routine.finenesses) = (1, [8, 20])
    return routine
  }

  @Test("a free-form wavefront is found to λ/200, the twin uses it, and the report names what frames do not tell")
  func finds() async throws {
    let (truth, hidden) = (Self.truth(), try Self.hidden())
    let plant = try Twin<Float>(Self.description(), parameters: truth).with(truth, sourceMap: hidden.map)
    var acquisition = Acquisition(on: Unit(twin: plant, light: 1))
    let bench = try Self.aligned(truth)
    let outcome = try await Self.routine().run(on: bench, &acquisition, RoutineWork(threads: 2)).accepted()
    let calibrated = try bench.adding(
      Product(
        content: outcome.content, posterior: outcome.posterior, report: outcome.report,
        provenance: Provenance(routine: "source", software: "test")))
    // Of ten patterns, one of them twice.
    #expect(outcome.report.frames == 11)
    let wavefront = try LitWavefront(Self.description())
    let found = wavefront.phase(calibrated.parameters, calibrated.description.source.map)
    func rms(_ values: [Double]) -> Double {
      (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot() / (2 * .pi)
    }
    let error = rms(wavefront.withoutTilt(zip(found, hidden.phase).map { $0 - $1 }))
    #expect(error < 1.0 / 200, "λ/\(1 / error)")
    #expect(rms(wavefront.withoutTilt(hidden.phase)) > 1.0 / 40, "there was something to find")
    #expect(calibrated.description.source.map?.fineness == 20, "the coarse map is too coarse")
    // The low orders are within what is said of them.
    for noll in 4...11 {
      let name = "modulatorZernike\(noll)"
      let deviation = try #require(outcome.posterior.standardDeviation(of: name))
      let off = calibrated.parameters[name] - wavefront.coefficient(noll, of: hidden.phase)
      #expect(abs(off) < 4 * deviation, "\(name): \(off) of \(deviation)")
      #expect(deviation < 0.1)
    }
    for word in ["Power", "Conjugate", "Tilt and shift", "Defocus and scale", "First layer"] {
      #expect(outcome.report.weaknesses.contains { $0.hasPrefix(word) }, "\(word)")
    }
    // A twin of the calibrated bench predicts a pattern that no fit has seen.
    let pattern = CellPatterns(layers: 3, grid: 32).series(1, seed: 77)[0]
    let light = Stack<Float>(count: 1, height: 7, width: 7, repeating: 1)
    let expected = try plant.forward(layers: pattern, inputs: light)
    func discrepancy(_ bench: CalibratedBench) throws -> Double {
      let twin = try Twin<Float>(bench.description, parameters: bench.parameters)
      return Discrepancy(try twin.forward(layers: pattern, inputs: light), expected).pearson
    }
    #expect(try discrepancy(calibrated) < 0.005)
    #expect(try discrepancy(bench) > 10 * discrepancy(calibrated))
  }

  @Test("without light, and without angles to begin with, it is refused with the reason")
  func refusals() async throws {
    let truth = Self.truth()
    let bench = try Self.aligned(truth)
    let plant = try Twin<Float>(Self.description(), parameters: truth)
    await #expect(throws: CalibrationError.noLight) {
      var dark = Acquisition(on: Unit(twin: plant, light: 0))
      _ = try await Self.routine().run(on: bench, &dark)
    }
    await #expect(throws: CalibrationError.needs([.twin], routine: "source")) {
      var acquisition = Acquisition(on: Unit(twin: plant, light: 1))
      _ = try await Self.routine().run(on: CalibratedBench(bench.stated), &acquisition)
    }
  }

  @Test("a product of before maps is read, and leaves the light as the bench file has it")
  func earlier() throws {
    let old = #"{"kind":"source","model":{"parameters":{"values":{"illuminationCurvature":0.2}}}}"#
    let content = try JSONDecoder().decode(ProductContent.self, from: Data(old.utf8))
    #expect(content == .source(SourceModel(parameters: ParameterValues(["illuminationCurvature": 0.2]))))
    let bench = try Self.aligned(Self.truth()).adding(
      Product(
        content: content, report: RoutineReport(estimates: [], frames: 0, fitted: 0),
        provenance: Provenance(routine: "source", software: "0.2")))
    #expect(bench.description == bench.stated.description && bench.parameters["illuminationCurvature"] == 0.2)
  }

  @Test("cells are four pixels wide, and differ from pattern to pattern and from layer to layer")
  func cells() {
    let series = CellPatterns(layers: 2, grid: 16).series(2, seed: 1)
    for pattern in series {
      for layer in 0..<2 {
        for y in 0..<16 {
          for x in 0..<16 { #expect(pattern[layer, y, x] == pattern[layer, y / 4 * 4, x / 4 * 4]) }
        }
      }
      #expect(Set(pattern.values).count == 32)
    }
    #expect(series[0] != series[1] && series == CellPatterns(layers: 2, grid: 16).series(2, seed: 1))
  }
}
