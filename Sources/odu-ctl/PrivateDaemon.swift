import BenchAPI
import BenchClient
import Foundation

/// A daemon of one command: on a temporary state folder and socket, ended and removed with the command, however that ends.
final class PrivateDaemon: Sendable {
  enum Failure: Error, CustomStringConvertible {
    case missing(expected: String)
    case temporaryFolder(reason: String)
    case ended(log: String)
    case silent(seconds: Int, log: String)
    case noBench(reason: String)
    case slow(seconds: Int, message: String)

    var description: String {
      switch self {
      case .missing(let expected): "the daemon is not installed beside odu-ctl; expected \(expected)"
      case .temporaryFolder(let reason):
        "no temporary folder could be created: \(reason); set TMPDIR to one that is writable"
      case .ended(let log): log.isEmpty ? "the daemon ended before it was ready" : log
      case .silent(let seconds, let log):
        "the daemon did not answer within \(seconds) s\(log.isEmpty ? "" : ": " + log)"
      case .noBench(let reason): "the bench cannot be opened: \(reason)"
      case .slow(let seconds, let message): "the bench was not ready within \(seconds) s: \(message)"
      }
    }
  }

  let socket: String
  let client: BenchClient
  private let folder: String
  private let process: Process
  /// Held open; its end tells the daemon that this process is gone.
  private let lifeline: Pipe

  /// Seconds within which the daemon answers, and within which its bench is then open.
  private static let patience = 60
  private static let benchPatience = 180

  /// Runs `body` with a daemon whose bench is open, and ends the daemon afterwards.
  static func run<Result: Sendable>(
    bench: String, threads: Int, _ body: (PrivateDaemon) async throws -> Result
  ) async throws -> Result {
    let daemon = try PrivateDaemon(bench: bench, threads: threads)
    do {
      try await daemon.becomeReady()
      let result = try await body(daemon)
      await daemon.stop()
      return result
    } catch {
      await daemon.stop()
      throw error
    }
  }

  private init(bench: String, threads: Int) throws {
    let executable = try Self.executable()
    folder = try Self.makeFolder()
    socket = folder + "/odud.sock"
    client = BenchClient(socket: socket)
    lifeline = Pipe()
    process = Process()
    process.executableURL = executable
    process.arguments = [
      "--bench", bench, "--state", folder + "/state", "--socket", socket, "--threads", "\(threads)", "--temporary",
    ]
    process.standardInput = lifeline
    process.standardOutput = FileHandle.nullDevice
    do {
      let log = URL(fileURLWithPath: Self.logPath(in: folder))
      try Data().write(to: log)
      process.standardError = try FileHandle(forWritingTo: log)
      try process.run()
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  /// Peak memory of the daemon in bytes, where the system tells.
  var peakMemory: Int? {
    let path = "/proc/\(process.processIdentifier)/status"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// Returns when the bench is open. Whoever waits for a daemon of its own waits for nobody who could plug a device in, so
  /// that a bench that cannot be opened is an error.
  private func becomeReady() async throws {
    let clock = ContinuousClock()
    let (silent, slow) = (clock.now + .seconds(Self.patience), clock.now + .seconds(Self.benchPatience))
    while true {
      guard process.isRunning else { throw Failure.ended(log: lastWords) }
      do {
        let status = try await client.status()
        switch status.state {
        case .ready: return
        case .degraded: throw Failure.noBench(reason: status.message ?? "the daemon does not say why")
        case .stopping: throw Failure.ended(log: lastWords)
        case .opening where clock.now < slow: break
        case .opening: throw Failure.slow(seconds: Self.benchPatience, message: status.message ?? "")
        }
      } catch let error as BenchClientError where error.isOutage {
        guard clock.now < silent else { throw Failure.silent(seconds: Self.patience, log: lastWords) }
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Asks the daemon to end, makes it when it does not, and removes everything it had.
  private func stop() async {
    await Task.detached { [self] in
      try? lifeline.fileHandleForWriting.close()
      if process.isRunning { process.terminate() }
      for _ in 0..<600 where process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      try? FileManager.default.removeItem(atPath: folder)
    }.value
  }

  /// What the daemon said last, without its own name.
  private var lastWords: String {
    let text = (try? String(contentsOfFile: Self.logPath(in: folder), encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("odud: ") }.map { String($0.dropFirst(6)) }
    return lines.isEmpty ? text.split(separator: "\n").last.map(String.init) ?? "" : lines.joined(separator: "\n")
  }

  private static func logPath(in folder: String) -> String { folder + "/log" }

  private static func executable() throws -> URL {
    let own = try URL(fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let expected = own.deletingLastPathComponent().appendingPathComponent("odud")
    guard FileManager.default.isExecutableFile(atPath: expected.path) else {
      throw Failure.missing(expected: expected.path)
    }
    return expected
  }

  /// A folder short enough for the path of a Unix socket, which may have 107 bytes.
  private static func makeFolder() throws -> String {
    let preferred = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    let parent = preferred.utf8.count <= 80 && preferred.hasPrefix("/") ? preferred : "/tmp"
    var template = Array((parent + "/odu-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure.temporaryFolder(reason: String(cString: strerror(errno))) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
