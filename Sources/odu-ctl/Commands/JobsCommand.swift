import ArgumentParser
import BenchAPI
import BenchClient
import Foundation

struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Lists, shows, follows, pauses and cancels jobs.",
    discussion: """
      Examples:
        odu-ctl jobs
        odu-ctl jobs follow 0003-train
        odu-ctl jobs pause 0003-train
      """,
    subcommands: [
      JobsList.self, JobsShow.self, JobsFollow.self, JobsPause.self, JobsResume.self, JobsCancel.self,
    ], defaultSubcommand: JobsList.self)
}

/// Which job, and how to say what became of it.
struct JobOptions: ParsableArguments {
  @Argument(help: "The job.", completion: Completions.jobs) var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func print(_ ask: (BenchClient) async throws -> JobSummary) async throws {
    let job = try await ask(connection.client)
    try output.print(job) { columns(job.rows) }
  }
}

struct JobsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "All jobs, oldest first.", discussion: "Example: odu-ctl jobs list --json")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let jobs = try await connection.client.jobs()
    try output.print(JobList(jobs: jobs)) {
      table(
        ["ID", "STATE", "CREATED", "PROGRESS"],
        jobs.map { job in
          let progress = [job.advance, job.message ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
          return [job.id, job.state.rawValue, job.created.ISO8601Format(), progress]
        }, empty: "no jobs yet; odu-ctl calibrate is a good first one")
    }
  }
}

struct JobsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One job.", discussion: "Example: odu-ctl jobs show 0003-train")

  @OptionGroup var job: JobOptions

  func run() async throws { try await job.print { try await $0.job(job.id) } }
}

struct JobsFollow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow", abstract: "Shows a job's progress until it has ended; fails when the job does.",
    discussion: "Ctrl-C ends the command, not the job.\n\nExample: odu-ctl jobs follow 0003-train")

  @OptionGroup var job: JobOptions

  func run() async throws { try await job.print { try await $0.follow(job.id) } }
}

struct JobsPause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Pauses a job until it is resumed.",
    discussion: "Example: odu-ctl jobs pause 0003-train")

  @OptionGroup var job: JobOptions

  func run() async throws { try await job.print { try await $0.pause(job.id) } }
}

struct JobsResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Resumes a paused job.", discussion: "Example: odu-ctl jobs resume 0003-train")

  @OptionGroup var job: JobOptions

  func run() async throws { try await job.print { try await $0.resume(job.id) } }
}

struct JobsCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Cancels a job.", discussion: "Example: odu-ctl jobs cancel 0003-train")

  @OptionGroup var job: JobOptions

  func run() async throws { try await job.print { try await $0.cancel(job.id) } }
}
