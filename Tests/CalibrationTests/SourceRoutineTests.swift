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

  @Test("what is not flat about layers behind the first is found as such, and leaves the wavefront alone")
  func layers() async throws {
    let (truth, hidden) = (Self.truth(), try Self.hidden())
    let maps = (0..<3).map { layer in
      var map = LayerMap(fineness: 11)
      let draws = CounterRandom(seed: 21).child(UInt64(layer))
      if layer > 0 { for index in map.phase.indices { map.phase[index] = 0.4 * draws.normal(at: UInt64(index)) } }
      return map
    }
    let plant = try Twin<Float>(Self.description(), parameters: truth)
      .with(truth, FreeForms(source: hidden.map, layers: maps))
    var acquisition = Acquisition(on: Unit(twin: plant, light: 1))
    var bench = try Self.aligned(truth)
    var stated = bench.stated
    stated.roughness = LayerRoughness(rms: 0.2, length: 70e-6)
    bench = try CalibratedBench(stated, products: bench.products)
    let outcome = try await Self.routine().run(on: bench, &acquisition, RoutineWork(threads: 2)).accepted()
    guard case .source(let model) = outcome.content else { throw CalibrationError.noLight }
    let found = try #require(model.layers)
    func values(_ map: LayerMap) -> [Double] { BicubicSpline(fineness: map.fineness, side: 32).values(map.phase) }
    #expect(values(found[0]).allSatisfy { $0 == 0 })
    let wavefront = try LitWavefront(Self.description())
    for layer in 1..<3 {
      // Without what angles take as well, where an image is.
      let (a, b) = (wavefront.withoutTilt(values(found[layer])), wavefront.withoutTilt(values(maps[layer])))
      let off = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / b.reduce(0) { $0 + $1 * $1 }
      #expect(off < 0.1, "layer \(layer + 1): \(off) of the variance is left")
    }
    var parameters = bench.parameters
    for (name, value) in model.parameters.values { parameters[name] = value }
    let error = wavefront.withoutTilt(zip(wavefront.phase(parameters, model.map), hidden.phase).map { $0 - $1 })
    let rms = (error.reduce(0) { $0 + $1 * $1 } / Double(error.count)).squareRoot() / (2 * .pi)
    #expect(rms < 1.0 / 150, "λ/\(1 / rms)")
    #expect(outcome.report.weaknesses.contains { $0.hasPrefix("Layers") })
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
    let again = ProductContent.source(SourceModel(layers: [LayerMap(fineness: 5)]))
    #expect(try JSONDecoder().decode(ProductContent.self, from: JSONEncoder().encode(again)) == again)
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
      // Of 256 phases, 32 cells draw some twice.
      #expect(Set(pattern.values).count > 24)
    }
    #expect(series[0] != series[1] && series == CellPatterns(layers: 2, grid: 16).series(2, seed: 1))
  }

  @Test("phases of calibrations are those that a panel of eight bits shows: none is rounded, and none comes round to 0")
  func panelPhases() throws {
    let layout = BenchLayout(
      layers: LayerLayout(origins: [PanelPoint(x: 0, y: 0)], grid: 32),
      input: InputLayout(origin: PanelPoint(x: 0, y: 0), size: 8, scale: 1),
      camera: CameraLayout(x: 0, y: 0, width: 32, height: 32))
    let series =
      CellPatterns(layers: 1, grid: 32).series(20, seed: 3) + SquarePatterns(layers: 1, grid: 32).series(20, seed: 3)
    for pattern in series {
      var drawn = Pattern(width: 32, height: 32)
      PatternEncoder(layout: layout).draw(layers: pattern, on: &drawn)
      for (phase, level) in zip(pattern.values, drawn.levels) {
        #expect(abs(Double(phase) - 2 * .pi * Double(level) / 256) < 1e-5)
      }
    }
  }
}
