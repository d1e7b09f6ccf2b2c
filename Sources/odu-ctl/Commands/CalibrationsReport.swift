import ArgumentParser
import BenchAPI
import BenchClient
import Files

struct CalibrationsReport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes what a calibration measured and found as a page with figures.",
    discussion: """
      The page stands by itself and opens in any browser. A file that ends in .json gets the same as data, for programs. A calibration \
      that was refused has a report, too: name its run.

      Examples:
        odu-ctl cal report
        odu-ctl cal report 0002 --output source.html
        odu-ctl cal report 0002 --output source.json
        odu-ctl cal report --run 0005-calibrate
      """)

  @Argument(help: "The calibration (default: the newest in force).", completion: Completions.calibrations)
  var id: String?
  @Option(name: .customLong("run"), help: "The run of a calibration, instead.", completion: Completions.runs)
  var named: String?
  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file(extensions: ["html", "json"]))
  var output = "calibration.html"
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard id == nil || named == nil else { throw ValidationError("Name a calibration or its run, not both.") }
  }

  func run() async throws {
    let destination = try OutputFiles(output, besides: printing)
    let client = connection.client
    let job = try await wanted(client)
    let artefact = output.hasSuffix(".json") ? "report.json" : "report.html"
    guard try await client.run(job).files.contains(artefact) else {
      throw CommandFailure("\(job) has no report: its frames were never fitted, or an earlier version calibrated")
    }
    try AtomicFile.write(try await client.artefact(artefact, of: job), to: output)
    try destination.print(Written(run: job, file: output), printing) { "\(output) shows the calibration of \(job)" }
  }

  private struct Written: Encodable {
    var run: String
    var file: String
  }

  private func wanted(_ client: BenchClient) async throws -> String {
    if let named { return named }
    if let id { return try await client.calibration(id).run }
    guard let present = try await client.calibrations().first(where: \.inForce) else {
      throw CommandFailure("no calibration is in force; odu-ctl calibrate makes one")
    }
    return present.run
  }
}
