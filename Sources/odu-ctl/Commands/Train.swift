import ArgumentParser
import BenchAPI
import BenchClient
import Files
import Foundation

struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains layer sets and leaves the model in a folder.",
    discussion: """
      With --bench, --mode offline computes in this process, with any bench file: the folder then holds a checkpoint while it \
      trains, and the same command resumes from it. The other modes run a daemon of their own for the duration. With --socket \
      a running daemon is used.

      Examples:
        odu-ctl train --mode online --bench simulated --dataset glyphs --output model
        odu-ctl train --mode offline --bench paper-mplc --dataset glyphs --images 20000 --output model
      """)

  enum Mode: String, CaseIterable, ExpressibleByArgument { case offline, pat, online, spsa }

  @Option(help: "offline: on the twin; pat: on the bench with a frozen twin; online: the twin learns, too.")
  var mode: Mode
  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String?
  @Option(help: ArgumentHelp("The Unix socket of a running daemon.", valueName: "path"))
  var socket: String?
  @OptionGroup var dataset: DatasetOptions
  @Option(help: ArgumentHelp("Images that all layer sets together learn from on the twin.", valueName: "count"))
  var images: Int?
  @Option(help: ArgumentHelp("Steps on the bench for each layer set.", valueName: "count"))
  var benchSteps: Int?
  @Option(help: ArgumentHelp("Seed of all random numbers.", valueName: "number"))
  var seed: UInt64 = 1
  @OptionGroup var computing: ThreadsOption
  @Option(help: ArgumentHelp("The folder for the model; created if necessary.", valueName: "dir"))
  var output: String
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard (bench == nil) != (socket == nil) else { throw ValidationError("Give either --bench or --socket.") }
    if mode == .spsa { throw ValidationError("--mode spsa: this version does not have this trainer yet.") }
    try JobSession.check(request())
  }

  func run() async throws {
    try AtomicFile.requireWritable(folder: output)
    let result = try await JobSession(bench: bench, socket: socket, threads: computing.threads).perform(
      request(), output: output)
    try printing.print(result) { "the model is in \(output)" }
  }

  private func request() throws -> JobRequest {
    try JobRequest(
      kind: "train",
      encoding: TrainRequest(
        mode: mode.rawValue, dataset: dataset.source().description, classes: dataset.classList(), seed: seed,
        offlineImages: images, benchSteps: benchSteps))
  }
}
