import Access
import BenchAPI
import Foundation
import Hummingbird
import Jobs

/// `/metrics`, in Prometheus' text format, and the count of requests.
struct MetricsRoutes {
  let status: StatusRoutes
  let queue: JobQueue
  let counters: ServiceCounters
  let watch: ConnectionWatch
  let drift: DriftRoutes

  func add(to router: Router<BenchRequestContext>) {
    router.get("metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: await text())))
    }
  }

  private func text() async -> String {
    let status = await status.status()
    var text = MetricsText()
    text.add("odu_up_seconds", .gauge, "Seconds since the daemon started.", status.uptime)
    text.add("odu_resident_bytes", .gauge, "Memory that the daemon has in use.", Double(Self.residentBytes))
    text.add("odu_bench_ready", .gauge, "Whether the bench is there.", status.state == .ready ? 1 : 0)
    text.add("odu_bench_held", .gauge, "Whether the bench is in use.", status.benchHolder == nil ? 0 : 1)
    text.add("odu_job_running", .gauge, "Whether a job runs.", status.running == nil ? 0 : 1)
    text.add("odu_jobs_queued", .gauge, "Jobs that wait.", Double(status.queued))
    let states = Dictionary(grouping: await queue.summaries, by: \.state)
    text.add(
      "odu_jobs", .gauge, "Jobs that are remembered.",
      JobState.allCases.map { ("state", $0.rawValue, Double(states[$0]?.count ?? 0)) })
    text.add(
      "odu_frames_total", .counter, "Camera frames by what became of them.",
      status.frames.sorted { $0.key < $1.key }.map { ("verdict", $0.key, Double($0.value)) })
    text.add(
      "odu_http_requests_total", .counter, "Answered requests.",
      counters.requests.sorted { $0.key < $1.key }.map { ("status", "\($0.key)", Double($0.value)) })
    text.add(
      "odu_slow_readers_dropped_total", .counter, "Followers that did not read.",
      Double(counters.slowReaders + watch.counts.slowReaders))
    let refused = watch.counts
    text.add(
      "odu_connections_dropped_total", .counter, "Connections closed for what their clients did.",
      [
        ("reason", "slow_head", Double(refused.slowHeads)), ("reason", "slow_body", Double(refused.slowBodies)),
        ("reason", "malformed", Double(refused.malformed)), ("reason", "crowded", Double(refused.crowded)),
        ("reason", "displaced", Double(refused.displaced)),
      ])
    if let (reading, age) = await drift.latest {
      text.add("odu_discrepancy", .gauge, "1 - Pearson between twin and bench at the last probe.", reading.discrepancy)
      text.add("odu_discrepancy_start", .gauge, "The same at the start of the calibration.", reading.start)
      text.add("odu_discrepancy_age_seconds", .gauge, "Seconds since the last probe.", age)
    }
    return text.lines
  }

  private static var residentBytes: Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

/// Metrics as Prometheus reads them.
private struct MetricsText {
  enum Kind: String { case gauge, counter }

  private(set) var lines = ""

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    head(name, kind, help)
    lines += "\(name) \(value)\n"
  }

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ values: [(String, String, Double)]) {
    head(name, kind, help)
    for (label, value, number) in values { lines += "\(name){\(label)=\"\(value)\"} \(number)\n" }
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    lines += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }
}

/// Counts requests by the status of their answer.
struct CountingMiddleware: RouterMiddleware {
  let counters: ServiceCounters

  func handle(
    _ request: Request, context: BenchRequestContext,
    next: (Request, BenchRequestContext) async throws -> Response
  ) async throws -> Response {
    let response = try await next(request, context)
    counters.countRequest(status: response.status.code)
    return response
  }
}
