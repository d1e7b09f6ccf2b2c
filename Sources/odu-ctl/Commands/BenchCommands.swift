import ArgumentParser
import BenchFile
import Devices
import DriverCatalogue
import StrictYAML
import Twin

struct BenchGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Checks and shows bench files.",
    subcommands: [BenchValidate.self, BenchShow.self, BenchReference.self])
}

struct BenchValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Names the file, line and key of every mistake in a bench file.",
    discussion: "Example: odu-ctl bench validate my-bench.yaml")

  @Argument(help: "The bench file, or the name of an installed profile.")
  var file: String
  @OptionGroup var output: OutputOptions

  struct Verdict: Encodable {
    var file: String
    var valid: Bool
    var mistakes: [Mistake]
    /// What the band limit cuts, when it does.
    var warning: String?
  }

  func run() throws {
    do {
      let bench = try BenchFile.load(path: file, drivers: .standard, forOpening: true)
      let sampling = try bench.twin.sampling(bench.parameters)
      let warning = bench.twin.geometry.bandLimit ? sampling.warning : nil
      if let warning, !output.json { StandardError.note("warning: \(warning)") }
      try output.print(Verdict(file: bench.path, valid: true, mistakes: [], warning: warning)) {
        "\(bench.path): no mistakes"
      }
    } catch let error as ReadingError {
      if output.json, let (path, mistakes) = error.listing {
        try output.print(Verdict(file: path, valid: false, mistakes: mistakes, warning: nil)) { "" }
      }
      throw error
    }
  }
}

extension ReadingError {
  /// What is wrong within the file; nil when it is the file.
  fileprivate var listing: (path: String, mistakes: [Mistake])? {
    switch self {
    case .mistakes(let path, let mistakes): (path, mistakes)
    case .syntax(let path, let line, let column, let problem):
      (path, [Mistake(line: line, column: column, key: "", message: "not YAML: \(problem)")])
    case .unreadable: nil
    }
  }
}

struct BenchShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows what a bench file says, defaults included.",
    discussion: "Example: odu-ctl bench show simulated --json")

  @Argument(help: "The bench file, or the name of an installed profile.")
  var file: String
  @OptionGroup var output: OutputOptions

  struct Content: Encodable {
    var file: String
    var geometry: GeometryDescription
    var source: SourceDescription
    var input: InputDescription
    var modulator: PhaseModulatorDescription
    var detector: DetectorDescription
    var parameters: [TwinParameter]
    var devices: BenchDevices?
  }

  /// The content, and the sections that drivers read themselves beside it.
  private struct Whole: Encodable {
    struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    var content: Content
    var sections: [String: any SharedDevices]

    func encode(to encoder: any Encoder) throws {
      try content.encode(to: encoder)
      var container = encoder.container(keyedBy: Name.self)
      for (name, section) in sections { try container.encode(section, forKey: Name(stringValue: name)) }
    }
  }

  func run() throws {
    let bench = try BenchFile.load(path: file, drivers: .standard)
    let content = Content(
      file: bench.path, geometry: bench.twin.geometry, source: bench.twin.source, input: bench.twin.input,
      modulator: bench.twin.modulator, detector: bench.twin.detector,
      parameters: bench.parameters.all, devices: bench.devices)
    try output.print(Whole(content: content, sections: bench.driverSections)) { text(of: bench) }
  }

  private func text(of bench: BenchFile) -> String {
    let (geometry, input, detector) = (bench.twin.geometry, bench.twin.input, bench.twin.detector)
    var rows = [
      ["file", bench.path],
      [
        "geometry",
        "\(geometry.kind.rawValue), \(geometry.layers) layers of \(geometry.grid) x \(geometry.grid) samples",
      ],
      ["wavelength", "\(geometry.wavelength) m"],
      ["pitch", "\(geometry.pitch) m"],
      [geometry.kind == .cavity ? "mirror gap" : "spacing", "\(geometry.distance) m"],
      ["padding", "\(geometry.padding), band limit \(geometry.bandLimit ? "on" : "off")"],
      ["input", "\(input.size) x \(input.size) pixels of \(input.block) samples, \(input.encoding.rawValue)"],
      ["detector", "samples of \(detector.block) x \(detector.block)"],
    ]
    for parameter in bench.parameters.active {
      rows.append([
        parameter.name, "\(parameter.value) ± \(parameter.prior) \(parameter.unit)",
        "in \(parameter.minimum) … \(parameter.maximum)\(parameter.isFree ? "" : ", fixed")",
      ])
    }
    guard let devices = bench.devices else { return columns(rows + [["devices", "none; a twin only"]]) }
    rows.append(["layers on", devices.layerModulator.driver])
    rows.append(["input on", devices.inputModulator?.driver ?? "the layer modulator"])
    rows.append(["camera", devices.camera.driver])
    return columns(rows)
  }
}
