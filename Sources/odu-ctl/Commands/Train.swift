import ArgumentParser
import BenchAPI
import BenchClient
import Catalogues
import Files
import Foundation
import Program
import Recipes
import Training

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

  @Option(
    help: TrainerCatalogue.standard.help("Who trains in place of the recipe's last trainer."),
    completion: TrainerCatalogue.standard.completion)
  var mode: String?
  @Option(
    help: RecipeCatalogue.standard.help("The recipe, or its file.", valueName: "name|file"),
    completion: RecipeCatalogue.standard.completion(orFiles: "yaml"))
  var recipe: String?
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
  var seed = JobDefaults.seed
  @OptionGroup var computing: ThreadsOption
  @Option(help: ArgumentHelp("The folder for the model; created if necessary.", valueName: "dir"))
  var output: String
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard (bench == nil) != (socket == nil) else { throw ValidationError("Give either --bench or --socket.") }
    // A running daemon decides by its own lists, which may have more.
    guard socket == nil else { return }
    if let mode { try TrainerCatalogue.standard.validate(mode, option: "--mode") }
    try JobSession.check(request())
  }

  /// A recipe as the daemon takes it: its name, or the text of its file, which is read here so that mistakes are told at once.
  private static func nameOrText(_ nameOrFile: String) throws -> String {
    if RecipeCatalogue.standard.names.contains(nameOrFile) { return nameOrFile }
    guard AtomicFile.exists(nameOrFile) else {
      throw ValidationError(
        "--recipe: \(UnknownName(nameOrFile, noun: "recipe", known: RecipeCatalogue.standard.names)), and no such file."
      )
    }
    _ = try RecipeFile.load(nameOrFile)
    return String(decoding: try AtomicFile.read(nameOrFile), as: UTF8.self)
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
        recipe: recipe.map(Self.nameOrText), mode: mode, dataset: dataset.source().description,
        classes: dataset.classList(), seed: seed, offlineImages: images, benchSteps: benchSteps))
  }
}
