import Devices
import Foundation
import Simulated
import StrictYAML
import Twin

/// A bench as data: what the twin computes and where its fits start, and, for a bench that exists, its devices.
public struct BenchFile: Sendable {
  /// The file as it was read.
  let file: StrictFile
  public let twin: TwinDescription
  /// Every parameter of the twin with the value, prior and bounds that a fit starts from.
  public let parameters: TwinParameters
  /// Nil when the file describes a twin only.
  public let devices: BenchDevices?
  /// The plant of a simulated bench.
  public let simulated: SimulatedConfiguration?

  /// Where the description was read from, for messages.
  public var path: String { file.path }
  /// The text of the file.
  public var text: String { file.text }

  /// Reads a bench file.
  ///
  /// - Parameters:
  ///   - path: a path, or the name of an installed profile such as `simulated` (see ``Profiles``).
  ///   - drivers: those that the file may name, and that say whether they take their settings; nil when nobody is going to
  ///     open its devices.
  /// - Throws: `ReadingError`, which names file, line, column and key of every mistake.
  public static func load(path: String, drivers: DriverRegistry? = nil) throws -> BenchFile {
    let file = try StrictFile(contentsOf: Profiles.locate(path), kind: "a bench file")
    return try BenchFile(file, drivers: drivers)
  }

  /// Reads a bench from YAML text; `path` is only used in messages.
  public init(yaml: String, path: String, drivers: DriverRegistry? = nil) throws {
    try self.init(StrictFile(yaml, path: path), drivers: drivers)
  }

  private init(_ file: StrictFile, drivers: DriverRegistry?) throws {
    let sections = try file.read(keys: BenchKeys.all.map(\.name)) { Sections($0, path: file.path, drivers: drivers) }
    self.file = file
    (twin, parameters) = sections.twin
    (devices, simulated) = (sections.devices, sections.simulated)
    if drivers != nil { try checkAsAWhole() }
  }
}

/// What the sections of a file say.
private struct Sections {
  let twin: (description: TwinDescription, parameters: TwinParameters)
  let devices: BenchDevices?
  let simulated: SimulatedConfiguration?

  /// Nil when there is no twin to return; what is wrong has been reported.
  init?(_ file: Section, path: String, drivers: DriverRegistry?) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var twin = TwinReader(file: file, folder: folder).read()
    var devices: BenchDevices?
    var usesSimulation = false
    if file.has("devices") || file.has("layout") {
      let reader = DevicesReader(file: file, twin: twin?.description)
      devices = reader.read()
      let choices = reader.choices
      usesSimulation = choices.contains { $0.choice.driver == SimulatedBench.driverName }
      if usesSimulation, !choices.allSatisfy({ $0.choice.driver == SimulatedBench.driverName }) {
        file.reject(
          "devices", "simulated devices have a clock of their own; use the driver simulated for all devices or for none"
        )
      }
      if let layout = devices?.layout { twin?.description.adopt(layout) }
      if let drivers { DriverCheck(file: file, drivers: drivers).check(choices) }
    }
    var simulated: SimulatedConfiguration?
    if file.has("simulated") {
      simulated = SimulatedReader(file: file, devices: devices).read()
    } else if usesSimulation {
      file.missing("simulated")
    }
    guard let twin else { return nil }
    (self.twin, self.devices, self.simulated) = (twin, devices, simulated)
  }
}
