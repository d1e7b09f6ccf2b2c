import ArgumentParser
import BenchClient
import Files
import Program

struct CalibrationsGraph: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "The calibrations in force, what they build on, and which are stale.",
    discussion: """
      A calibration builds on others that were in force when it was made: when one of those is replaced, it is stale.

      Examples:
        odu-ctl cal graph
        odu-ctl cal graph --output calibrations.svg
      """)

  @Option(
    help: ArgumentHelp("Draw it into this file as well.", valueName: "file.svg"), completion: .file(extensions: ["svg"])
  )
  var output: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    if let output, !output.hasSuffix(".svg"), !AtomicFile.isStandardOutput(output) {
      throw ValidationError("--output must end in .svg, not \(output).")
    }
  }

  func run() async throws {
    let destination = try output.map { try OutputFiles($0, besides: printing) }
    let graph = CalibrationGraph(try await connection.client.calibrations())
    if let output {
      try AtomicFile.write(Array(CalibrationGraphPicture(graph).svg.utf8), to: output)
    }
    if let destination {
      try destination.print(graph, printing) { graph.text }
    } else {
      try printing.print(graph) { graph.text }
    }
  }
}
