import ArgumentParser
import BenchAPI
import BenchClient
import Foundation

/// How to reach the daemon.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The Unix socket of the daemon.", valueName: "path"), completion: .file())
  var socket = Self.defaultSocket

  var client: BenchClient { BenchClient(socket: socket, leaseToken: Self.leaseToken) }

  /// The lease that this command runs under; see ``Lease``.
  static var leaseToken: String? { variable("ODU_LEASE") }

  /// Where the daemon listens when nobody says otherwise: what the environment says, else the socket of the installed
  /// service, else after the XDG base directory specification.
  static var defaultSocket: String {
    if let given = variable("ODU_SOCKET") { return given }
    let installed = "/run/odu/odud.sock"
    let kind = try? FileManager.default.attributesOfItem(atPath: installed)[.type] as? FileAttributeType
    return kind == .typeSocket ? installed : ownSocket
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private static var ownSocket: String {
    let environment = ProcessInfo.processInfo.environment
    func folder(_ variable: String, or fallback: String) -> String {
      environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? fallback
    }
    let home = FileManager.default.homeDirectoryForCurrentUser.path
    let states = folder("XDG_STATE_HOME", or: home + "/.local/state")
    return folder("XDG_RUNTIME_DIR", or: states) + "/odu/odud.sock"
  }
}

/// Why a job that was waited for did not succeed.
enum JobFailure: Error, CustomStringConvertible {
  case failed(kind: String, message: String)
  case cancelled(kind: String)
  case lost(kind: String)

  var description: String {
    switch self {
    case .failed(let kind, let message): "\(kind): \(message)"
    case .cancelled(let kind): "\(kind): the job was cancelled"
    case .lost(let kind): "\(kind): the daemon ended before the job did"
    }
  }
}

extension BenchClient {
  /// Submits a job and shows its progress on standard error until it has ended. When the surrounding task is cancelled, so
  /// is the job.
  ///
  /// - Throws: ``JobFailure`` unless the job succeeded.
  func perform(
    _ request: JobRequest, quietly: Bool = false, onMetrics: (String, Int, [String: Double]) -> Void = { _, _, _ in }
  ) async throws -> JobSummary {
    let job = try await submit(request)
    do {
      return try await follow(job.id, quietly: quietly, onMetrics: onMetrics)
    } catch is CancellationError {
      _ = await Task.detached { try? await cancel(job.id) }.value
      throw CancellationError()
    }
  }

  /// Shows the progress of a job until it has ended.
  func follow(
    _ id: String, quietly: Bool = false, onMetrics: (String, Int, [String: Double]) -> Void = { _, _, _ in }
  ) async throws -> JobSummary {
    var bar = ProgressBar()
    for try await event in events(of: id) {
      switch event.content {
      case .progress(let progress): if !quietly { bar.show(progress) }
      case .log(let line): if !quietly { bar.log(line) }
      case .metrics(let phase, let step, let values): onMetrics(phase, step, values)
      case .state(.paused, let reason): if !quietly { bar.log("paused: \(reason ?? "")") }
      case .state: break
      }
    }
    bar.finishPhase()
    try Task.checkCancellation()
    let job = try await job(id)
    switch job.state {
    case .succeeded: return job
    case .failed: throw JobFailure.failed(kind: job.kind, message: job.message ?? "the job failed")
    case .cancelled: throw JobFailure.cancelled(kind: job.kind)
    case .queued, .running, .paused: throw JobFailure.lost(kind: job.kind)
    }
  }
}
