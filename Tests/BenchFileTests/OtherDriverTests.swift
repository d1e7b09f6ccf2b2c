import BenchFile
import BenchTestKit
import Catalogues
import Devices
import DriverCatalogue
import StrictYAML
import Testing

/// Drivers that odu does not come with: one value and one registration each.
extension Driver {
  fileprivate static var lantern: Driver {
    let clock = StageClock()
    return Driver(
      name: "lantern", summary: "lamps behind a window",
      modulator: { settings in
        ScriptedPanel(name: settings["role"] ?? "panel", width: 64, height: 64, clock: clock)
      },
      camera: { _ in
        ScriptedCamera(width: 32, height: 32, clock: clock) { _, _ in [UInt16](repeating: 7, count: 32 * 32) }
      })
  }

  /// One whose devices share a clock and a section.
  fileprivate static var chassis: Driver {
    var driver = Driver.lantern
    driver.name = "chassis"
    let keys = [Parameter("start", .integer(0...1000), "where the clock begins")]
    driver.section = DriverSection(Parameter("chassis", .object(keys), "what the lamps share")) { file, _ in
      guard let section = file.section("chassis", keys: ["start"]),
        let start = section.integer("start", 0...1000, default: 0)
      else { return nil }
      return Chassis(start: UInt64(start))
    }
    return driver
  }
}

private struct Chassis: SharedDevices {
  var start: UInt64

  func open(optics: NominalOptics, layout: BenchLayout) throws -> DeviceSet {
    guard optics.wavelength < 1e-6 else { throw TooRed() }
    var driver = Driver.lantern
    driver.name = "chassis"
    return DeviceSet(driver: driver, clock: StageClock(start: start), truth: ["mirrorGap": 1, "lamp": 2])
  }

  private struct TooRed: KeyedError {
    let key = "source"
    let mistake = "the lamps are blue"
  }
}

@Suite("Drivers of other packages")
struct OtherDriverTests {
  private func yaml(_ driver: String, camera: String? = nil, wavelength: String = "850e-9") -> String {
    """
    geometry: {kind: cavity, wavelength: \(wavelength), pitch: 8e-6, grid: 16, layers: 1, mirrorGap: 5e-3}
    input: {size: 2, block: 2, encoding: amplitude}
    detector: {block: 1}
    devices: {layerModulator: {driver: \(driver)}, inputModulator: {driver: \(driver)}, camera: {driver: \(camera ?? driver)}}
    layout:
      layers: {origins: [{x: 0, y: 0}], levelsPerTurn: 256}
      input: {origin: {x: 0, y: 0}, scale: 2}
      camera: {x: 0, y: 0, width: 16, height: 16}
    """
  }

  private func drivers(with driver: Driver) -> DriverRegistry {
    var drivers = DriverRegistry.standard
    drivers.register(driver)
    return drivers
  }

  private func mistakes(_ yaml: String, _ drivers: DriverRegistry) -> String {
    let error = #expect(throws: ReadingError.self) {
      try BenchFile(yaml: yaml, path: "b.yaml", drivers: drivers, forOpening: true)
    }
    return error.map { "\($0)" } ?? ""
  }

  @Test("one registration puts a driver into the catalogue, and bench files and benches know it")
  func registration() async throws {
    let drivers = drivers(with: .lantern)
    #expect(drivers.catalogue.declarations.contains { $0.name == "lantern" && $0.summary == "lamps behind a window" })
    #expect(Set(DriverRegistry.standard.catalogue.names).isSubset(of: drivers.catalogue.names))
    let file = try BenchFile(yaml: yaml("lantern"), path: "b.yaml", drivers: drivers, forOpening: true)
    let assembled = try await file.assemble()
    #expect(assembled.modulators.map(\.description.name) == ["layers", "input"])
    #expect(assembled.camera.description.driver == "scripted" && assembled.truth == nil)
    #expect(mistakes(yaml("lantern"), .standard).contains("there is no driver \"lantern\""))
  }

  @Test("a driver reads its own section, and its devices bring their clock and what they hide")
  func section() async throws {
    let drivers = drivers(with: .chassis)
    let text = yaml("chassis") + "\nchassis: {start: 77}\n"
    let file = try BenchFile(yaml: text, path: "b.yaml", drivers: drivers, forOpening: true)
    let assembled = try await file.assemble()
    #expect(assembled.clock.now == 77)
    #expect(assembled.truth == ["mirrorGap": 1])
    #expect(BenchKeys.all(of: drivers).last?.name == "chassis")
    #expect(mistakes(text, .standard).contains("chassis"))
  }

  @Test("what is wrong with a driver's section is said with its place, as for every other key")
  func sectionMistakes() {
    let drivers = drivers(with: .chassis)
    #expect(mistakes(yaml("chassis"), drivers).contains("chassis: this key is missing"))
    let section = "\nchassis: {start: -1}\n"
    #expect(mistakes(yaml("chassis") + section, drivers).contains("chassis.start: -1 is out of range"))
    let unknown = "\nchassis: {stat: 1}\n"
    #expect(mistakes(yaml("chassis") + unknown, drivers).contains("did you mean `start`?"))
    let red = yaml("chassis", wavelength: "1550e-9") + "\nchassis: {}\n"
    #expect(mistakes(red, drivers).contains("the lamps are blue"))
    let mixed = yaml("chassis", camera: "lantern") + "\nchassis: {}\n"
    var both = drivers
    both.register(.lantern)
    #expect(mistakes(mixed, both).contains("use the driver chassis for all devices or for none"))
  }
}
