import BenchFile
import Catalogues
import Devices
import DriverCatalogue
import Foundation
import Simulated
import Testing

@Suite("The reference of bench files")
struct ReferenceTests {
  /// Every key of the reference with its sections, and its parameter.
  private static let all = keys(of: BenchKeys.all(of: .standard), under: "")

  private static func keys(of parameters: [Parameter], under path: String) -> [String: Parameter] {
    parameters.reduce(into: [:]) { found, parameter in
      let name = path + parameter.name
      found[name] = parameter
      switch parameter.kind {
      case .object(let inner), .list(of: .object(let inner)):
        found.merge(keys(of: inner, under: name + ".")) { first, _ in first }
      default: break
      }
    }
  }

  @Test("has every key of a file that has all of them")
  func complete() throws {
    for profile in EveryKeyTests.profiles {
      for key in try EveryKeyTests.keys(of: profile) where !key.contains(".settings.") {
        let path = key.split(separator: ".").map(String.init)
        let known = path[0] == "parameters" ? "parameters.NAME." + (path.last ?? "") : key
        #expect(Self.all[known] != nil, "\(key) of \(profile)")
      }
    }
    #expect(Self.all.count > 200)
  }

  @Test("explains every parameter of the twin once, of both kinds of bench")
  func twinParameters() throws {
    let listed = BenchKeys.twinParameters
    #expect(Set(listed.map(\.name)).count == listed.count)
    #expect(listed.allSatisfy { !$0.summary.isEmpty })
    for (name, unit, neutral) in [
      ("spacing", "m", nil), ("mirrorTiltX", "rad", 0), ("hopNDistance", "m", 0), ("planeNZernike4…11", "rad", 0),
      ("planeNResponseR", nil, 0), ("response1…3", nil, 0), ("fillFactor", nil, 1), ("repeatScale", "rad", 0),
    ] as [(String, String?, Double?)] {
      let parameter = try #require(listed.first { $0.name == name }, "\(name)")
      #expect(parameter.unit == unit && parameter.standard == neutral.map { .number($0) }, "\(name)")
    }
  }

  /// A file with nothing but what the reference calls required.
  private static let least = """
    geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 32, layers: 2, spacing: 0.02}
    input: {size: 8, block: 4}
    devices:
      layerModulator: {driver: simulated}
      inputModulator: {driver: simulated}
      camera: {driver: simulated}
    layout:
      layers: {origins: [{x: 0, y: 0}, {x: 40, y: 0}]}
      input: {origin: {x: 0, y: 0}}
      camera: {x: 0, y: 0, width: 32, height: 32}
    simulated: {}
    """

  @Test("its defaults are those of a file that leaves everything out")
  func defaults() throws {
    let file = try BenchFile(yaml: Self.least, path: "b.yaml", drivers: .standard)
    let layout = try #require(file.devices?.layout)
    let plant = try #require(file.driverSections["simulated"] as? SimulatedConfiguration)
    let expected: [(String, Double)] = [
      ("geometry.padding", file.twin.geometry.padding), ("layout.timing.deadline", layout.timing.deadline),
      ("layout.timing.lightThreshold", layout.timing.lightThreshold),
      ("simulated.noise.fullWell", plant.noise.fullWell),
      ("simulated.inputPanel.refreshRate", plant.inputPanel.refreshRate),
      ("simulated.layerPanel.refreshRate", plant.layerPanel.refreshRate),
      ("simulated.misalignment.beam.maximum", plant.misalignment.beam.maximum),
      ("simulated.imaging.aberration.roughnessLength", plant.imaging.aberration.roughnessLength),
    ]
    for (key, value) in expected { #expect(Self.all[key]?.standard == .number(value), "\(key)") }
    #expect(Self.all["layout.input.fullLevel"]?.standard == .integer(layout.input.fullLevel))
    #expect(Self.all["simulated.seed"]?.standard == .integer(Int(plant.seed)))
    #expect(Self.all["layout.camera.orientation"]?.standard == .text("upright"))
  }

  @Test("a value just outside of a range that it gives is refused, and one on its end is not")
  func ranges() throws {
    // The guide once had a range that was not the program's: spacings up to 100 m.
    let (whole, key) = (Self.least, "spacing: 0.02")
    guard case .number(let range)? = Self.all["geometry.spacing"]?.kind else {
      Issue.record("the spacing is no number")
      return
    }
    #expect(range.upperBound == 1)
    let most = whole.replacing(key, with: "spacing: \(range.upperBound)")
    #expect(throws: Never.self) { try BenchFile(yaml: most, path: "b.yaml", drivers: .standard) }
    let more = whole.replacing(key, with: "spacing: \(range.upperBound * 1.001)")
    #expect(throws: (any Error).self) { try BenchFile(yaml: more, path: "b.yaml", drivers: .standard) }
  }
}
