import Foundation
import Simulated
import Twin
import Yams

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

  /// Reads a bench file.
  ///
  /// - Parameter path: a path, or the name of an installed profile such as `simulated` (see ``Profiles``).
  /// - Throws: `BenchFileError`, which names file, line, column and key of every mistake.
  public static func load(path: String) throws -> BenchFile {
    let found = try Profiles.locate(path)
    guard let data = FileManager.default.contents(atPath: found) else {
      throw BenchFileError.unreadable(path: found, reason: "cannot be read; expected a bench file in YAML")
    }
    guard data.count <= 1 << 20 else {
      throw BenchFileError.unreadable(
        path: found, reason: "is \(data.count) bytes long; a bench file has at most 1 MiB")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw BenchFileError.unreadable(path: found, reason: "is not UTF-8 text; expected a bench file in YAML")
    }
    return try BenchFile(yaml: text, path: found)
  }

  /// Reads a bench from YAML text; `path` is only used in messages.
  public init(yaml: String, path: String) throws {
    let log = MistakeLog()
    let root = try Self.compose(yaml, path: path)
    let file = Section(root, path: "", keys: Self.sections, log: log)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var twin = file.flatMap { TwinReader(file: $0, folder: folder).read() }
    var devices: BenchDevices?
    if let file, let twin, file.has("devices") || file.has("layout") {
      devices = DevicesReader(file: file, twin: twin.description).read()
    }
    let simulated = file.flatMap { $0.has("simulated") ? SimulatedReader(file: $0, devices: devices).read() : nil }
    if let file, let devices, devices.usesSimulation {
      if simulated == nil { file.missing("simulated") }
      if devices.mixesSimulation {
        file.reject("devices", "simulated devices have a clock of their own; all of them must be simulated, or none")
      }
    }
    if let layout = devices?.layout { twin?.description.adopt(layout) }
    guard let twin, log.mistakes.isEmpty else {
      throw BenchFileError.mistakes(path: path, log.mistakes.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }
    (self.path, text) = (path, yaml)
    (self.twin, self.parameters) = twin
    self.devices = devices
    self.simulated = simulated
  }

  private static let sections = [
    "geometry", "source", "input", "modulator", "detector", "parameters", "devices", "layout", "simulated",
  ]

  private static func compose(_ yaml: String, path: String) throws -> Node {
    do {
      guard let root = try Yams.compose(yaml: yaml) else {
        throw BenchFileError.syntax(path: path, line: 1, column: 1, problem: "the file is empty")
      }
      return root
    } catch let error as YamlError {
      throw syntaxError(error, path: path)
    }
  }

  private static func syntaxError(_ error: YamlError, path: String) -> BenchFileError {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      .syntax(
        path: path, line: mark.line, column: mark.column,
        problem: (context.map { "\($0.text), " } ?? "") + problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      .mistakes(
        path: path,
        duplicates.map {
          BenchFileMistake(
            line: context.mark.line, column: context.mark.column, key: $0,
            message: "this key stands twice in the section")
        })
    default:
      .syntax(path: path, line: 1, column: 1, problem: "\(error)")
    }
  }
}
