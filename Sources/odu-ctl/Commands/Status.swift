import ArgumentParser
import BenchAPI

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What the daemon is doing.", discussion: "Example: odu-ctl status --json")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let status = try await connection.client.status()
    try output.print(status) {
      columns([
        ["daemon", "odud \(status.version), process \(status.processIdentifier), up \(duration(status.uptime))"],
        ["bench", status.bench + (status.simulated ? " (simulated)" : "")],
        ["state", status.stateDirectory],
        ["running", status.running.map(Self.describe) ?? "nothing"],
        ["queued", "\(status.queued)"],
        ["held by", status.benchHolder ?? "nobody"],
      ])
    }
  }

  private static func describe(_ job: JobSummary) -> String {
    "\(job.kind) \(job.id)" + (job.state == .paused ? ", paused: \(job.message ?? "")" : "")
  }
}
