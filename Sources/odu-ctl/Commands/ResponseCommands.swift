import ArgumentParser
import BenchAPI
import BenchClient
import BenchFile
import Calibration
import DriverCatalogue
import Files
import Foundation
import Jobs
import Program
import ReadableNumbers
import Records

struct ResponseGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "response", abstract: "Tables of the phase that the layers' panel shows, to and from other programs.",
    discussion: """
      Examples:
        odu-ctl response export --output response.csv
        odu-ctl response export --format meadowlark --codes 2048 --output panel.lut
        odu-ctl response import response.csv
        odu-ctl response map correction.bmp --turn 256 --output correction.npy
      """,
    subcommands: [ResponseExport.self, ResponseImport.self, ResponseMap.self])
}

/// What tables of codes need besides.
struct ResponseTableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Codes of the converter that drives the panel's pixels, for tables of codes: 2048 for 11 bits.",
      valueName: "count"))
  var codes: Int?

  func validate() throws {
    if let codes, !(2...65536).contains(codes) { throw ValidationError("--codes must be in 2…65536, not \(codes).") }
  }

  func context(_ file: BenchFile, loaded: DriveTable? = nil) -> ResponseTableFormat.Context {
    ResponseTableFormat.Context(levels: file.levelsOfTurn, codes: codes, loaded: loaded)
  }
}

struct ResponseExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the response as it is known: calibrated, or as the bench file states it.",
    discussion: """
      A table of codes (meadowlark, holoeye) is one for the panel: with it loaded, level k of 256 shows k/256 of a turn. It needs the \
      number of codes, and the table that was loaded while the response was measured when that was not a linear one.

      Example: odu-ctl response export --format meadowlark --codes 2048 --loaded factory.lut --output panel.lut
      """)

  @Option(
    help: ResponseTableFormats.standard.help("How to write it:", valueName: "format"),
    completion: ResponseTableFormats.standard.completion)
  var format = "csv"
  @Option(
    help: ArgumentHelp("The table of codes while the response was measured.", valueName: "file"), completion: .file())
  var loaded: String?
  @Option(help: ArgumentHelp("The table.", valueName: "file"), completion: .file())
  var output: String
  @OptionGroup var options: ResponseTableOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  private struct Summary: Encodable {
    var output: String
    var levels: Int
    /// Of the slopes of the regions, whose mean the table has; in turns by turns.
    var regionalSpread: Double
  }

  func validate() throws { try ResponseTableFormats.standard.validate(format, option: "--format") }

  func run() async throws {
    let destination = try OutputFiles(output, besides: printing)
    let format = try ResponseTableFormats.standard.member(named: format)
    let drive = try loaded.map {
      try ResponseTableFormats.drive(in: String(decoding: AtomicFile.read($0), as: UTF8.self))
    }
    let (file, bench) = try await connection.client.knownBench()
    let table = try ResponseTable(bench, levels: file.levelsOfTurn)
    let text = try format.text(of: table, in: options.context(file, loaded: drive))
    try AtomicFile.write(Array(text.utf8), to: output)
    let slopes = bench.regionalSlopes
    let spread = (slopes.max() ?? 0) - (slopes.min() ?? 0)
    try destination.print(
      Summary(output: output, levels: table.levels, regionalSpread: spread), printing
    ) {
      let rest =
        spread > 0
        ? "; it is the mean of the regions, whose slopes differ by up to \(number(100 * spread, significant: 2)) %" : ""
      return "\(output): \(format.declaration.name), \(table.levels) levels of a turn\(rest)"
    }
  }
}

struct ResponseImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Makes a table the response in force, as a calibration of the kind response.",
    discussion: """
      The content tells the format. A CSV has one row for each level of a turn, or one more for its end, and a header such as \
      `level,phase (rad)`. A table of codes (.lut) is taken for what it is in the panel: it shows equal parts of a turn for equal steps of \
      the level; with --codes, odu then knows what the levels of a panel show that is driven linearly. `cal rollback` goes back.

      Example: odu-ctl response import factory.lut --codes 2048
      """)

  @Argument(help: ArgumentHelp("The table.", valueName: "file"), completion: .file())
  var table: String
  @OptionGroup var options: ResponseTableOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func run() async throws {
    let bytes = try AtomicFile.read(table)
    let client = connection.client
    let (file, bench) = try await client.knownBench()
    let context = options.context(file)
    let (read, format) = try ResponseTableFormats.table(in: String(decoding: bytes, as: UTF8.self), context)
    if let problem = ResponsePlausibility(values: read.curve).problem { throw CommandFailure("\(table): \(problem)") }
    let name = URL(fileURLWithPath: table).lastPathComponent
    let product = Product.imported(read, for: bench, from: name, format: format, codes: options.codes)
    let calibration = ExportedCalibration(
      date: .now, bench: try BenchIdentity(file).description, serials: try await client.serials(), setup: nil,
      product: product)
    let received = try await client.receive(calibrations: [UInt8]("calibration: |\n  \(calibration.line())\n".utf8))
    try printing.print(CalibrationList(calibrations: received)) {
      let isWhole = read.known.lowerBound == 0 && read.known.upperBound >= read.levels - 1
      let reach =
        isWhole ? "" : "; it knows levels \(read.known.lowerBound) to \(read.known.upperBound), and no others are used"
      return received.map { "calibration \($0.id) (\($0.kind)) is in force: \(name), \(format)\(reach)" }
        .joined(separator: "\n")
    }
  }
}

extension Product {
  fileprivate static func imported(
    _ table: ResponseTable, for bench: CalibratedBench, from name: String, format: String, codes: Int?
  ) -> Product {
    var settings = ["table": name, "format": format]
    settings["codes"] = codes.map(String.init)
    return Product(
      content: .response(table.model(for: bench)), report: RoutineReport(estimates: [], frames: 0, fitted: 0),
      provenance: Provenance(
        routine: ResponseRoutine.name, settings: settings, software: SoftwareVersion.current,
        revision: SoftwareRevision.current))
  }
}

extension BenchFile {
  /// Levels of the layers' panel that make a turn of commands.
  var levelsOfTurn: Int { devices?.layout.layers.levelsPerTurn ?? twin.modulator.levels ?? 256 }
}

extension BenchClient {
  /// The bench of the daemon as it is known.
  func knownBench() async throws -> (file: BenchFile, bench: CalibratedBench) {
    let text = try await exportedBench().text
    let file = try BenchFile(yaml: text, path: "the daemon's bench", drivers: .standard)
    let products = try file.calibrations.map { try ExportedCalibration(line: $0).product }
    return (file, try CalibratedBench(StatedBench(file), products: products))
  }

  /// The serial numbers of the devices by their role, as calibrations have them.
  func serials() async throws -> [String: String] {
    let devices = try await devices()
    var serials: [String: String] = [:]
    for (role, panel) in zip(["layers", "input"], devices.filter { $0.kind == .modulator }) {
      serials[role] = panel.serial
    }
    serials["camera"] = devices.first { $0.kind == .camera }?.serial
    return serials
  }
}
