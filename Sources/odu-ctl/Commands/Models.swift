import ArgumentParser
import BenchAPI
import BenchClient
import Files
import Foundation
import ReadableNumbers

struct Models: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The models that were trained.",
    discussion: """
      Examples:
        odu-ctl models
        odu-ctl models fetch 0001 --output model.odu
      """,
    subcommands: [ModelsList.self, ModelsShow.self, ModelsFetch.self], defaultSubcommand: ModelsList.self)
}

struct ModelsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "All models, newest first.", discussion: "Example: odu-ctl models list --json")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let models = try await connection.client.models()
    try output.print(ModelList(models: models)) {
      table(
        ["ID", "TRAINED", "RUN", "MODE", "DATASET", "ERROR", "FRAMES"],
        models.map { model in
          [
            model.id, model.date.ISO8601Format(), model.run, model.mode, model.dataset, number(model.error),
            "\(model.frames)",
          ]
        }, empty: "no models yet; odu-ctl train makes one")
    }
  }
}

struct ModelsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One model.", discussion: "Example: odu-ctl models show 0001")

  @Argument(help: "The model.", completion: Completions.models) var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let model = try await connection.client.summary(ofModel: id)
    try output.print(model) {
      columns([
        ["model", model.id], ["trained", model.date.ISO8601Format()], ["run", model.run], ["mode", model.mode],
        ["dataset", model.dataset], ["error", number(model.error)], ["frames", "\(model.frames)"],
        ["seed", "\(model.seed)"], ["calibration", model.calibration ?? "none"], ["software", model.software],
      ])
    }
  }
}

struct ModelsFetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Writes a model to a file, which generate and other daemons can read.",
    discussion: "Example: odu-ctl models fetch 0001 --output model.odu")

  @Argument(help: "The model.", completion: Completions.models) var id: String
  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var output = "model.odu"
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func run() async throws {
    let file = try OutputFiles(output, besides: printing)
    let bytes = try await connection.client.model(id)
    try AtomicFile.write(bytes, to: output)
    try file.print(WrittenFile(output: output, bytes: bytes.count), printing) { "\(output): \(size(bytes.count))" }
  }
}
