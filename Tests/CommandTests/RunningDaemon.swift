import BenchTestKit
import Foundation
import Testing

/// An `odud` on the simulated bench that ends with this value.
final class RunningDaemon {
  let folder: TemporaryFolder
  let socket: String
  /// A bench file that tests may spoil.
  let bench: String
  private let process = Process()
  private let lifeline = Pipe()

  var processIdentifier: Int32 { process.processIdentifier }

  /// Returns once the daemon says that it is ready.
  ///
  /// - Parameters:
  ///   - profile: the bench that is simulated.
  ///   - withoutStreams: whether it starts with the three standard streams closed.
  ///   - changing: makes another bench of the profile.
  init(
    profile name: String = "simulated", withoutStreams: Bool = false, changing: (String) -> String = { $0 }
  ) throws {
    folder = try TemporaryFolder()
    socket = folder.file("s/odud.sock")
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let profile = root.appendingPathComponent("Calibration/Profiles/\(name).yaml")
    bench = try folder.write(changing(String(contentsOf: profile, encoding: .utf8)), as: "bench.yaml")
    let manager = try Datagrams(path: folder.file("notify"))
    let arguments = ["--bench", bench, "--state", folder.file("s"), "--socket", socket, "--threads", "2"]
    let daemon = Program.url(of: "odud")
    if withoutStreams {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", daemon.path] + arguments
    } else {
      process.executableURL = daemon
      process.arguments = arguments + ["--temporary"]
    }
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "NOTIFY_SOCKET": manager.path]
    process.standardInput = lifeline
    process.standardError = FileHandle.nullDevice
    try process.run()
    try manager.wait(for: "READY=1")
  }

  deinit {
    try? lifeline.fileHandleForWriting.close()
    process.terminate()
    process.waitUntilExit()
  }

  /// Runs `odu-ctl` with this daemon.
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Program {
    try Program.run(arguments, environment: ["ODU_SOCKET": socket].merging(environment) { $1 })
  }

  /// The JSON that a command of `odu-ctl` prints when it succeeds.
  func json(_ arguments: String...) throws -> [String: Any] {
    let program = try Program.run(arguments + ["--json"], environment: ["ODU_SOCKET": socket])
    try #require(program.status == 0, "\(arguments): \(program.errors)")
    return try #require(try program.json() as? [String: Any])
  }
}

/// What a service manager hears from its service.
private final class Datagrams {
  enum Failure: Error {
    case system(String)
    case silence
  }

  let path: String
  private let descriptor: Int32

  /// After so many seconds nothing is expected any more.
  private static let patience = 60

  init(path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw Failure.system(String(cString: strerror(errno))) }
    var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func wait(for word: String) throws {
    let deadline = ContinuousClock.now + .seconds(Self.patience)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let capacity = bytes.count
    repeat {
      let count = recv(descriptor, &bytes, capacity, 0)
      guard count >= 0, ContinuousClock.now < deadline else { throw Failure.silence }
      if String(decoding: bytes[..<count], as: UTF8.self).contains(word) { return }
    } while true
  }
}
