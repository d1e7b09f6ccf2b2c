import Devices
import Foundation
import Simulated
import Twin

/// A bench as data: what the twin computes and where its fits start, and, for a bench that exists, its devices.
public struct BenchFile: Sendable {
  /// Where the description was read from, for messages.
  public let path: String
  /// The file as it was read.
  public let text: String
  public let twin: TwinDescription
  /// Every parameter of the twin with the value, prior and bounds that a fit starts from.
  public let parameters: TwinParameters
  /// Nil when the file describes a twin only.
  public let devices: BenchDevices?
  /// The plant of a simulated bench.
  public let simulated: SimulatedConfiguration?
  /// Where the value of each key is.
  let places: [String: Mark]

  /// Reads a bench file.
  ///
  /// - Parameters:
  ///   - path: a path, or the name of an installed profile such as `simulated` (see ``Profiles``).
  ///   - drivers: those that the file may name, and that say whether they take their settings; nil when nobody is going to
  ///     open its devices.
  /// - Throws: `BenchFileError`, which names file, line, column and key of every mistake.
  public static func load(path: String, drivers: DriverRegistry? = nil) throws -> BenchFile {
    let found = try Profiles.locate(path)
    guard let data = FileManager.default.contents(atPath: found) else {
      throw BenchFileError.unreadable(path: found, reason: "cannot be read; expected a bench file in YAML")
    }
    guard data.count <= 1 << 20 else {
      throw BenchFileError.unreadable(
        path: found, reason: "is \(data.count) bytes long; a bench file has at most 1 MiB")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let mark = Self.firstInvalid(in: data)
      throw BenchFileError.syntax(
        path: found, line: mark.line, column: mark.column,
        problem: "this is not UTF-8 text; save the file in the encoding UTF-8")
    }
    return try BenchFile(yaml: text, path: found, drivers: drivers)
  }

  /// Reads a bench from YAML text; `path` is only used in messages.
  public init(yaml: String, path: String, drivers: DriverRegistry? = nil) throws {
    let document = try Self.document(yaml, path: path)
    let root = document.duplicates.isEmpty ? document.root : document.root.united
    let reading = Reading(root, path: path, drivers: drivers)
    var mistakes = document.duplicates + reading.mistakes
    let further =
      document.duplicates.isEmpty ? [] : RepeatedKeys(document.root, limit: Self.mostOccurrences).occurrences
    for occurrence in further {
      let found = Reading(occurrence.document.united, path: path, drivers: drivers).mistakes
      mistakes += found.filter { occurrence.contains($0) }
    }
    guard let twin = reading.twin, mistakes.isEmpty else {
      throw BenchFileError.mistakes(path: path, Self.listed(mistakes))
    }
    (self.path, text) = (path, yaml)
    (self.twin, self.parameters) = twin
    devices = reading.devices
    simulated = reading.simulated
    places = document.places
    if drivers != nil { try checkAsAWhole() }
  }

  /// Where a text stops being UTF-8.
  private static func firstInvalid(in data: Data) -> Mark {
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    let line = lines[index]
    let valid = (0...line.count).last { String(validating: line.prefix($0), as: UTF8.self) != nil } ?? 0
    return Mark(line: index + 1, column: String(decoding: line.prefix(valid), as: UTF8.self).unicodeScalars.count + 1)
  }

  /// In the order of the file, each once.
  static func listed(_ mistakes: [BenchFileMistake]) -> [BenchFileMistake] {
    let sorted = mistakes.enumerated().sorted { first, second in
      (first.element.line, first.element.column, first.offset) < (
        second.element.line, second.element.column, second.offset
      )
    }
    return sorted.map(\.element).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// How many further occurrences of keys are looked into; of a file with more, these are reported first.
  private static let mostOccurrences = 100

  private static func document(_ yaml: String, path: String) throws -> YAMLDocument {
    do {
      return try YAMLDocument(yaml)
    } catch {
      throw BenchFileError.syntax(
        path: path, line: error.mark.line, column: error.mark.column, problem: error.problem)
    }
  }
}

/// What the sections of a file say, and everything that is wrong with them.
private struct Reading {
  private(set) var twin: (description: TwinDescription, parameters: TwinParameters)?
  private(set) var devices: BenchDevices?
  private(set) var simulated: SimulatedConfiguration?
  private(set) var mistakes: [BenchFileMistake] = []

  private static let sections = [
    "geometry", "source", "input", "modulator", "detector", "parameters", "devices", "layout", "simulated",
  ]

  init(_ root: YAMLNode, path: String, drivers: DriverRegistry?) {
    let log = MistakeLog()
    if let file = Section(root, path: "", keys: Self.sections, log: log) { read(file, path: path, drivers: drivers) }
    mistakes = log.mistakes
  }

  private mutating func read(_ file: Section, path: String, drivers: DriverRegistry?) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    twin = TwinReader(file: file, folder: folder).read()
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
    if file.has("simulated") {
      simulated = SimulatedReader(file: file, devices: devices).read()
    } else if usesSimulation {
      file.missing("simulated")
    }
  }
}
