import ArgumentParser
import BenchAPI
import Files
import Foundation
import ReadableNumbers

struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Past runs, however old, and their files.",
    discussion: """
      Examples:
        odu-ctl runs list --limit 20
        odu-ctl runs show 0003-train
        odu-ctl runs fetch 0003-train --output results
        odu-ctl runs remove 0003-train
      """,
    subcommands: [RunsList.self, RunsShow.self, RunsFetch.self, RunsRemove.self], defaultSubcommand: RunsList.self)
}

struct RunsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The latest runs, newest first.",
    discussion: "Example: odu-ctl runs list --limit 20 --before 0040-measure")

  @Option(help: ArgumentHelp("The most runs to list.", valueName: "count"))
  var limit = 50
  @Option(help: ArgumentHelp("Only runs before this one.", valueName: "run"), completion: Completions.runs)
  var before: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(limit) else { throw ValidationError("--limit must be in 1…1000, not \(limit).") }
  }

  func run() async throws {
    let runs = try await connection.client.runs(limit: limit, before: before)
    try output.print(RunList(runs: runs)) {
      table(
        ["ID", "STATE", "CREATED", "FILES", "SIZE"],
        runs.map { run in
          let created = run.job.created.ISO8601Format()
          return [run.job.id, run.job.state.rawValue, created, "\(run.files.count)", size(run.bytes)]
        }, empty: "no runs")
    }
  }
}

struct RunsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One run.", discussion: "Example: odu-ctl runs show 0003-train")

  @Argument(help: "The run.", completion: Completions.runs) var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let run = try await connection.client.run(id)
    try output.print(run) {
      let described = run.job.rows.filter { $0[0] != "files" }
      return columns(described + [["files", run.files.joined(separator: " ")], ["size", size(run.bytes)]])
    }
  }
}

struct RunsFetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Writes the files that a run made, its artefacts, to a folder.",
    discussion: "Example: odu-ctl runs fetch 0003-train --output results")

  @Argument(help: "The run.", completion: Completions.runs) var id: String
  @Option(help: ArgumentHelp("The folder; created if necessary.", valueName: "dir"), completion: .directory)
  var output: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  struct Fetched: Encodable {
    var output: String
    var files: [String]
  }

  func run() async throws {
    try AtomicFile.requireWritable(folder: output)
    let client = connection.client
    let job = try await client.run(id).job
    try await client.fetchArtefacts(of: job, into: output)
    try printing.print(Fetched(output: output, files: job.artefacts)) {
      job.artefacts.isEmpty ? "\(id) made no files" : "\(output): \(job.artefacts.joined(separator: " "))"
    }
  }
}

struct RunsRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Removes a run with all its files; needs the role administer.",
    discussion: "Example: odu-ctl runs remove 0003-train")

  @Argument(help: "The run.", completion: Completions.runs) var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  struct Removed: Encodable { var removed: String }

  func run() async throws {
    try await connection.client.delete(run: id)
    try output.print(Removed(removed: id)) { "\(id) is removed" }
  }
}
