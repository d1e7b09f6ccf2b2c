import ArgumentParser
import BenchAPI
import ReadableNumbers

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What the daemon is doing.", discussion: "Example: odu-ctl status --json")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let status = try await connection.client.status()
    let role = output.json ? nil : try await connection.client.role()
    try output.print(status) { text(status, role: role) }
  }

  private func text(_ status: StatusResponse, role: String?) -> String {
    var rows = [
      ["daemon", "odud \(status.version), process \(status.processIdentifier), up \(duration(status.uptime))"],
      ["state", status.state.rawValue + (status.message.map { ": \($0)" } ?? "")],
      ["bench", status.bench + (status.simulated ? " (simulated)" : "")],
      ["files", status.stateDirectory],
      ["running", status.running.map(Self.describe) ?? "nothing"],
      ["queued", "\(status.queued)"],
      ["held by", status.benchHolder ?? "no one"],
      ["frames", Self.describe(frames: status.frames)],
    ]
    if let role { rows.append(["your role", role]) }
    return columns(rows)
  }

  private static func describe(_ job: JobSummary) -> String {
    let state = job.state == .paused ? "paused: \(job.message ?? "")" : job.advance
    return state.isEmpty ? job.id : "\(job.id), \(state)"
  }

  private static func describe(frames: [String: Int]) -> String {
    let others = frames.filter { $0.key != "accepted" && $0.value > 0 }.sorted { $0.key < $1.key }
    let listed = others.map { "\($0.value) \(words($0.key))" }.joined(separator: ", ")
    return "\(frames["accepted"] ?? 0) accepted" + (others.isEmpty ? "" : "; credited to no pattern: \(listed)")
  }
}
