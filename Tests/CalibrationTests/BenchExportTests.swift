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

/// A bench that is taken home: its file with what is known of it, and the simulation that is made of that.
@Suite struct BenchExportTests {
  private static let facts = DeviceFacts(
    layers: ModulatorDescription(
      name: "layers", driver: "drm", width: 800, height: 200, greyLevels: 256, refreshRate: 60),
    input: ModulatorDescription(
      name: "input", driver: "dlpc900", width: 96, height: 96, greyLevels: 256, refreshRate: 2000),
    camera: CameraDescription(name: "camera", driver: "v4l2", width: 96, height: 96, bitDepth: 12, frameRate: 500),
    exposure: 1e-3)

  private static func product(_ content: ProductContent) -> Product {
    Product(
      content: content, report: RoutineReport(estimates: [], frames: 3, fitted: 3),
      provenance: Provenance(routine: "by hand", parents: ["a"], software: "1"))
  }

  /// `realistic` with every parameter off by a part of its prior, a curve, a map and a camera almost without noise.
  private static func known(_ file: BenchFile) throws -> CalibratedBench {
    var parameters = file.parameters
    let random = CounterRandom(seed: 5)
    for (index, parameter) in parameters.all.enumerated() where !["gain", "power", "exposure"].contains(parameter.name)
    {
      guard !["detectorShear", "repeatScale"].contains(parameter.name) else { continue }
      let isOfKnots = parameter.name.hasPrefix("responseKnot")
      let step = (isOfKnots ? 0.01 : min(0.3 * parameter.prior, 0.3)) * (random.uniform(at: UInt64(index)) - 0.5)
      parameters[parameter.name] = parameter.value + step
    }
    for (name, value) in ["crosstalk": 4e-6, "pointSpread": 5e-6, "fillFactor": 0.95] { parameters[name] = value }
    var map = SourceMap(fineness: 6)
    for index in map.phase.indices {
      map.phase[index] = 0.3 * random.normal(at: 1000 + UInt64(index))
      map.logAmplitude[index] = 0.05 * random.normal(at: 2000 + UInt64(index))
    }
    let layers = (0..<file.twin.geometry.layers).map { layer in
      var map = LayerMap(fineness: 7)
      for index in map.phase.indices { map.phase[index] = 0.3 * random.child(UInt64(layer)).normal(at: UInt64(index)) }
      return map
    }
    let curve = (0...16).map { 2 * Double.pi * Double($0) / 16 + 0.1 * sin(Double($0)) }
    return try CalibratedBench(
      StatedBench(description: file.twin, parameters: file.parameters, layout: file.devices?.layout),
      products: [
        product(.camera(CameraModel(darkLevel: 0, readNoise: 0, gain: 1e-8))),
        product(.response(ResponseModel(curve: curve))), product(.source(SourceModel(map: map, layers: layers))),
        product(.twin(parameters.clamped())),
      ])
  }

  private static func simulation(of export: BenchExport) async throws -> AssembledBench {
    try await BenchFile(
      yaml: export.text, path: "exported.yaml", drivers: .standard, forOpening: true,
      allDevicesBy: DriverRegistry.simulation
    ).assemble()
  }

  @Test("the simulation of an exported bench has the values that the twin has, by their names")
  func values() async throws {
    let file = try BenchFile.load(path: "realistic", drivers: .standard)
    let bench = try Self.known(file)
    let export = try BenchExport(of: file.text, bench, devices: Self.facts, calibrations: [])
    let truth = try #require(try await Self.simulation(of: export).truth)
    for (name, value) in truth {
      #expect(abs(value - bench.parameters[name]) <= 1e-12 * max(1, abs(value)), "\(name)")
    }
    let untold = Set(bench.parameters.names).subtracting(truth.keys).filter { !$0.hasPrefix("response") }
    #expect(untold.isEmpty, "the plant says nothing of these: \(untold)")
  }

  @Test("its frames are those that the twin predicts, response and maps of source and layers included")
  func frames() async throws {
    let file = try BenchFile.load(path: "realistic", drivers: .standard)
    let bench = try Self.known(file)
    let assembled = try await Self.simulation(
      of: try BenchExport(of: file.text, bench, devices: Self.facts, calibrations: []))
    try await assembled.bench.start()
    let plan = SquarePatterns(layers: 4, grid: file.twin.geometry.grid)
    let light = Stack<Float>(count: 1, height: 20, width: 20, repeating: 0.5)
    var frames: [Stack<Float>] = []
    let patterns = (0..<3).map { plan.pattern($0, random: CounterRandom(seed: 2), greyLevels: true) }
    for pattern in patterns {
      frames.append(try await assembled.bench.intensities(layers: pattern, inputs: light, block: 1))
    }
    try await assembled.bench.stop()
    func discrepancy(_ description: TwinDescription) throws -> Double {
      let twin = try Twin<Float>(description, parameters: bench.parameters)
      let of = try zip(patterns, frames).map { pattern, frame in
        Discrepancy(
          try twin.forward(layers: pattern, inputs: light, block: 1).converted(to: Double.self),
          frame.converted(to: Double.self)
        ).pearson
      }
      return of.max() ?? 1
    }
    let all = try discrepancy(bench.description)
    #expect(all < 0.005)
    var (curveless, mapless, flat) = (bench.description, bench.description, bench.description)
    (curveless.modulator.response, mapless.source.map, flat.modulator.maps) = (nil, nil, nil)
    #expect(try discrepancy(curveless) > 2 * all && discrepancy(mapless) > 2 * all && discrepancy(flat) > 2 * all)
  }

  @Test("the file still says what it said, and carries the calibrations; what is missing is named")
  func file() throws {
    let file = try BenchFile.load(path: "simulated", drivers: .standard)
    let bench = try CalibratedBench(
      StatedBench(description: file.twin, parameters: file.parameters, layout: file.devices?.layout))
    let calibration = ExportedCalibration(
      date: Date(timeIntervalSince1970: 1_700_000_000), bench: "hash", serials: ["camera": "a \"b\" ü"], setup: nil,
      product: Self.product(.alignment(ParameterValues(["mirrorTiltX": 1.0 / 3]))))
    let export = try BenchExport(of: file.text, bench, devices: Self.facts, calibrations: [calibration])
    let again = try BenchFile(yaml: export.text, path: "exported.yaml", drivers: .standard)
    #expect(again.twin == file.twin && again.parameters == file.parameters && again.devices == file.devices)
    #expect(try again.calibrations.map { try ExportedCalibration(line: $0) } == [calibration])
    #expect(try BenchFile.calibrations(in: export.text, path: "exported.yaml") == again.calibrations)
    #expect(export.unknown.contains { $0.contains("`camera`") } && export.unknown.contains { $0.contains("`timing`") })
    // An exported file is exported like any other, and does not grow.
    let twice = try BenchExport(of: export.text, bench, devices: Self.facts, calibrations: [calibration])
    #expect(twice.text == export.text)
    let twinOnly = try BenchExport(of: export.text, bench, devices: nil, calibrations: [])
    #expect(twinOnly.text == export.text.components(separatedBy: "\n# The calibrations")[0])
    #expect(twinOnly.unknown.isEmpty)
  }

  @Test("sections are left out with the comments above them, and nothing else is")
  func sections() {
    let text = """
      a: 1 # simulated: no

      # of the plant
      simulated:
        calibration: {b: 2}

        # within
        c: [1,
          2]
      # of d
      d:
        simulated: 3
      "calibration": |
        {}
      """
    #expect(
      BenchExport.without(["simulated", "calibration"], text) == "a: 1 # simulated: no\n\n# of d\nd:\n  simulated: 3\n")
  }
}
