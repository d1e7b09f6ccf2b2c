import ArgumentParser
import BenchAPI
import BenchClient
import Files
import Foundation

struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains layer sets and leaves the model in a folder.",
    discussion: """
      With --bench the command runs a daemon of its own for the duration; with --socket it uses a running one.

      Example: odu-ctl train --mode online --bench simulated --dataset glyphs --output model
      """)

  enum Mode: String, CaseIterable, ExpressibleByArgument { case offline, pat, online, spsa }

  @Option(help: "offline: on the twin; pat: on the bench with a frozen twin; online: the twin learns, too.")
  var mode: Mode
  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String?
  @Option(help: ArgumentHelp("The Unix socket of a running daemon.", valueName: "path"))
  var socket: String?
  @OptionGroup var images: DatasetOptions
  @Option(help: ArgumentHelp("Seed of all random numbers.", valueName: "number"))
  var seed: UInt64 = 1
  @OptionGroup var computing: ThreadsOption
  @Option(help: ArgumentHelp("The folder for the model; created if necessary.", valueName: "dir"))
  var output: String
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard (bench == nil) != (socket == nil) else { throw ValidationError("Give either --bench or --socket.") }
    if mode == .spsa { throw ValidationError("--mode spsa: this version does not have this trainer yet.") }
  }

  func run() async throws {
    try AtomicFile.requireWritable(folder: output)
    let request = try JobRequest(
      kind: "train",
      encoding: TrainRequest(
        mode: mode.rawValue, dataset: images.source().description, classes: images.classList(), seed: seed))
    let result = try await JobSession(bench: bench, socket: socket, threads: computing.threads).perform(
      request, output: output)
    try printing.print(result) { "the model is in \(output)" }
  }
}
