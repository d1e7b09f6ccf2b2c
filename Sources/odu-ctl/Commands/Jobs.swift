import ArgumentParser
import BenchAPI
import Foundation

struct Jobs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists, shows, follows and cancels jobs.",
    discussion: "Example: odu-ctl jobs follow 0003-train",
    subcommands: [JobsList.self, JobsShow.self, JobsFollow.self, JobsCancel.self], defaultSubcommand: JobsList.self)
}

struct JobsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "All jobs, oldest first.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let jobs = try await connection.client.jobs()
    try output.print(JobList(jobs: jobs)) {
      columns(
        [["ID", "KIND", "STATE", "CREATED"]]
          + jobs.map { [$0.id, $0.kind, $0.state.rawValue, $0.created.ISO8601Format()] })
    }
  }
}

struct JobsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "One job.")

  @Argument(help: "The job.") var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let job = try await connection.client.job(id)
    try output.print(job) { describe(job) }
  }
}

struct JobsFollow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow", abstract: "Shows a job's progress until it has ended; fails when the job does.")

  @Argument(help: "The job.") var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let job = try await connection.client.follow(id)
    try output.print(job) { describe(job) }
  }
}

struct JobsCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Cancels a job.")

  @Argument(help: "The job.") var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let job = try await connection.client.cancel(id)
    try output.print(job) { describe(job) }
  }
}

/// A job in a few lines.
private func describe(_ job: JobSummary) -> String {
  var rows = [
    ["job", job.id], ["kind", job.kind], ["state", job.state.rawValue], ["created", job.created.ISO8601Format()],
  ]
  if let message = job.message { rows.append(["message", message]) }
  if let progress = job.progress, !job.state.isTerminal {
    rows.append(["progress", "\(progress.phase) \(progress.completed)/\(progress.total)"])
  }
  if !job.artefacts.isEmpty { rows.append(["files", job.artefacts.joined(separator: " ")]) }
  return columns(rows)
}
