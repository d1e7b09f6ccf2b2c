import ArgumentParser
import BenchAPI

struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Calibrates the twin on the bench.", discussion: "Example: odu-ctl calibrate alignment")

  @Argument(help: "The routines to run; all that the bench needs when left out.")
  var routines: [String] = []
  @Option(help: ArgumentHelp("Seed of the calibration patterns.", valueName: "number"))
  var seed: UInt64 = 1
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let request = try JobRequest(
      kind: "calibrate", encoding: CalibrateRequest(routines: routines.isEmpty ? nil : routines, seed: seed))
    let client = connection.client
    let result: JSONValue = try await interruptible {
      try await client.result(of: try await client.perform(request).id)
    }
    try output.print(result) { "calibrated" }
  }
}
