import ArgumentParser

struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The daemon's counters and gauges, as Prometheus reads them.",
    discussion: "Example: odu-ctl metrics | grep odu_frames_total")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Values by name, with the labels as Prometheus writes them.
  struct Answer: Encodable { var metrics: [String: Double] }

  func run() async throws {
    let text = try await connection.client.metrics()
    let lines = text.split(separator: "\n")
    let pairs = lines.filter { !$0.hasPrefix("#") }.compactMap { line -> (String, Double)? in
      guard let blank = line.lastIndex(of: " ") else { return nil }
      return Double(line[line.index(after: blank)...]).map { (String(line[..<blank]), $0) }
    }
    try output.print(Answer(metrics: Dictionary(pairs) { $1 })) { lines.joined(separator: "\n") }
  }
}
