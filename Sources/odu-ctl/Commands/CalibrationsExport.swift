import ArgumentParser
import BenchAPI
import BenchClient
import Files
import Foundation
import ReadableNumbers

struct CalibrationsExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the bench with its calibrations into one bench file.",
    discussion: """
      The file is the bench's own, with the calibrations in force and a simulation that is as the twin knows the bench:

        odu-ctl cal export my-bench.yaml
        odud --bench my-bench.yaml --simulate

      The daemon must have its devices open to describe them; without devices the file carries the calibrations only.
      """)

  @Argument(help: ArgumentHelp("The file to write.", valueName: "file.yaml"), completion: .file(extensions: ["yaml"]))
  var output: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func run() async throws {
    let destination = try OutputFiles(output, besides: printing)
    let exported = try await connection.client.exportedBench()
    try AtomicFile.write(Array(exported.text.utf8), to: output)
    try destination.print(Summary(file: output, unknown: exported.unknown), printing) {
      guard !exported.unknown.isEmpty else { return "\(output) carries the calibrations in force" }
      return "\(output) carries the calibrations in force and a simulation of the bench, which does not know of:\n"
        + exported.unknown.map { "- \($0)" }.joined(separator: "\n")
    }
  }

  private struct Summary: Encodable {
    var file: String
    var unknown: [String]
  }
}

struct CalibrationsImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Puts the calibrations in force that an exported bench file carries.",
    discussion: """
      They must be of the same bench: what its file says of geometry, input, modulator and detector. Those that were found with \
      other devices are kept and do not come into force.

      Example: odu-ctl cal import my-bench.yaml
      """)

  @Argument(help: ArgumentHelp("The exported file.", valueName: "file.yaml"), completion: .file(extensions: ["yaml"]))
  var file: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandFailure("\(file) cannot be read")
    }
    let received = try await connection.client.receive(calibrations: [UInt8](data))
    try output.print(CalibrationList(calibrations: received)) {
      table(
        ["ID", "KIND", "AGE", "STATE"],
        received.map { [$0.id, $0.kind, duration($0.age), $0.state] },
        empty: "")
    }
  }
}
