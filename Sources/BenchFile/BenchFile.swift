import Devices
import Foundation
import StrictYAML
import Twin

/// A bench as data: what the twin computes and where its fits start, and, for a bench that exists, its devices.
public struct BenchFile: Sendable {
  /// The file as it was read.
  let file: StrictFile
  public let twin: TwinDescription
  /// Every parameter of the twin with the value, prior and bounds that a fit starts from.
  public let parameters: TwinParameters
  /// Names of parameters that are not free, and of which the file states a prior: see `FitOptions.considered`.
  public let considered: [String]
  /// What the file says of the layers' phase beyond parameters; nil when it says nothing.
  public let roughness: LayerRoughness?
  /// Nil when the file describes a twin only.
  public let devices: BenchDevices?
  /// How the bench is watched between jobs; nil when it is not.
  public let drift: DriftWatch?
  /// Calibrations that the file carries, one text in JSON each, as those who export them write it.
  public let calibrations: [String]
  /// Whether one driver opens all devices, whatever the file says.
  public let isOpenedByOneDriver: Bool
  /// What drivers read from sections of their own, by their names.
  public let driverSections: [String: any SharedDevices]
  /// Those that read the sections, and open the devices.
  let drivers: DriverRegistry

  /// Bytes that a bench file has at most.
  public static let largest = StrictFile.limit

  /// Where the description was read from, for messages.
  public var path: String { file.path }
  /// The text of the file.
  public var text: String { file.text }

  /// Reads a bench file.
  ///
  /// - Parameters:
  ///   - path: a path, or the name of an installed profile such as `simulated` (see ``Profiles``).
  ///   - drivers: those whose own sections the file may have, and which open its devices.
  ///   - forOpening: whether the drivers are also asked whether they have the devices and take their settings, and whether
  ///     everything fits together. Not when nobody is going to open the devices.
  ///   - driver: opens all devices, whatever the file says, and reads its own section.
  /// - Throws: `ReadingError`, which names file, line, column and key of every mistake.
  public static func load(
    path: String, drivers: DriverRegistry = DriverRegistry(), forOpening: Bool = false,
    allDevicesBy driver: String? = nil
  ) throws -> BenchFile {
    let file = try StrictFile(contentsOf: Profiles.locate(path), kind: "a bench file")
    return try BenchFile(file, drivers: drivers, forOpening: forOpening, driver: driver)
  }

  /// Reads a bench from YAML text; `path` is only used in messages.
  public init(
    yaml: String, path: String, drivers: DriverRegistry = DriverRegistry(), forOpening: Bool = false,
    allDevicesBy driver: String? = nil
  ) throws {
    try self.init(StrictFile(yaml, path: path), drivers: drivers, forOpening: forOpening, driver: driver)
  }

  /// Another text, with the same drivers.
  ///
  /// - Throws: `ReadingError`.
  public func reading(_ text: String) throws -> BenchFile { try BenchFile(yaml: text, path: path, drivers: drivers) }

  /// The calibrations that the text of a bench file carries, whatever else it says.
  ///
  /// - Throws: `ReadingError`.
  public static func calibrations(in yaml: String, path: String) throws -> [String] {
    try StrictFile(yaml, path: path).read(keys: nil) { file in
      file.has("calibration") ? file.text("calibration").map(lines) : []
    }
  }

  fileprivate static func lines(_ text: String) -> [String] { text.split(separator: "\n").map { String($0) } }

  private init(_ file: StrictFile, drivers: DriverRegistry, forOpening: Bool, driver: String?) throws {
    let sections = try file.read(keys: BenchKeys.all(of: drivers).map(\.name)) {
      Sections($0, path: file.path, drivers: drivers, forOpening: forOpening, driver: driver)
    }
    (calibrations, isOpenedByOneDriver) = (sections.calibrations, driver != nil)
    (self.file, self.drivers) = (file, drivers)
    (twin, parameters) = (sections.twin.description, sections.twin.parameters)
    (considered, roughness) = (sections.twin.considered, sections.twin.roughness)
    drift = sections.drift
    (devices, driverSections) = (sections.devices, sections.ofDrivers)
    if forOpening { try checkAsAWhole() }
  }
}

/// What the sections of a file say.
private struct Sections {
  let twin: ReadTwin
  let devices: BenchDevices?
  let drift: DriftWatch?
  let calibrations: [String]
  let ofDrivers: [String: any SharedDevices]

  /// Nil when there is no twin to return; what is wrong has been reported.
  init?(_ file: Section, path: String, drivers: DriverRegistry, forOpening: Bool, driver: String?) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var twin = TwinReader(file: file, folder: folder).read()
    var devices: BenchDevices?
    var choices: [ReadChoice] = []
    if file.has("devices") || file.has("layout") {
      let reader = DevicesReader(file: file, twin: twin?.description)
      (devices, choices) = (reader.read(), reader.choices)
      if let driver { (devices, choices) = (devices?.opened(by: driver), choices.map { $0.opened(by: driver) }) }
      if let layout = devices?.layout { twin?.description.adopt(layout) }
      let check = DriverCheck(file: file, drivers: drivers)
      check.checkUnity(choices)
      if forOpening { check.check(choices) }
    }
    var ofDrivers: [String: any SharedDevices] = [:]
    for name in drivers.sectionNames {
      if file.has(name) {
        ofDrivers[name] = drivers.section(ofDriver: name)?.read(file, devices?.layout)
      } else if choices.contains(where: { $0.choice.driver == name }) {
        file.missing(name)
      }
    }
    calibrations = file.has("calibration") ? file.text("calibration").map(BenchFile.lines) ?? [] : []
    drift = file.has("drift") ? file.section("drift", DriftSchema.watch).flatMap { DriftSchema.watch.read($0) } : nil
    guard let twin else { return nil }
    (self.twin, self.devices, self.ofDrivers) = (twin, devices, ofDrivers)
  }
}
