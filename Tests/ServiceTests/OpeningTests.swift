import BenchAPI
import BenchClient
import BenchFile
import BenchService
import Devices
import Foundation
import Synchronization
import Testing

/// A daemon that answers before its bench is open, as every daemon does for a moment.
@Suite struct OpeningTests {
  /// A bench that is opened once the stage's gate "plug" is open.
  private func source(_ stage: Stage) -> (BenchEquipment) -> BenchSource {
    { equipment in
      BenchSource(
        load: { equipment.file },
        open: { _ in
          await stage.pass("plug")
          return equipment
        }, watch: Patience())
    }
  }

  private struct Patience: DeviceWatch {
    func waitForChange(until deadline: UInt64) async throws { try await Task.sleep(for: .seconds(3600)) }
  }

  @Test("requests that need the bench wait while it is being opened; status says so meanwhile")
  func waits() async throws {
    let stage = Stage()
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder, stage: stage, source: source(stage)) { daemon async throws in
        #expect(try await daemon.client.status().state == .opening)
        async let frame = daemon.client.frame()
        async let devices = daemon.client.devices()
        // Both requests are under way, or come later; either way they succeed.
        stage.open("plug")
        #expect(try await !frame.isEmpty)
        #expect(try await devices.count == 2)
        #expect(try await daemon.client.status().state == .ready)
      }
    }
  }

  @Test("a request that has waited long is told when to try again, and the client does")
  func limit() async throws {
    let stage = Stage()
    var clock = stage.clock
    // The heartbeat's pauses are real, and the long wait for the bench is over at once.
    clock.sleep = { seconds in if seconds < 10 { try await Task.sleep(for: .seconds(seconds)) } }
    try await withFolder { folder in
      try await LiveDaemon.run(
        in: folder, stage: stage, configure: { [clock] in $0.clock = clock }, source: source(stage)
      ) { daemon async throws in
        for path in ["/v1/devices", "/v1/camera/frame", "/v1/simulated/truth", "/v1/modulators/x/pattern"] {
          let answer = await answer(
            to: "GET \(path) HTTP/1.1\r\nHost: odu\r\nConnection: close\r\n\r\n", daemon.socket)
          #expect(answer.hasPrefix("HTTP/1.1 503 "), "\(path): \(answer)")
          #expect(answer.lowercased().contains("\r\nretry-after: 1\r\n") && answer.contains(#""code":"opening""#))
        }
        async let frame = daemon.client.frame()
        stage.open("plug")
        #expect(try await !frame.isEmpty)
      }
    }
  }

  @Test("the service manager hears that the service is ready when the bench is, not when the socket is")
  func ready() async throws {
    let stage = Stage()
    try await withFolder { folder in
      let manager = try Manager(path: folder.appendingPathComponent("notify").path)
      try await LiveDaemon.run(
        in: folder, stage: stage,
        configure: { $0.manager = ServiceManager(environment: ["NOTIFY_SOCKET": manager.path]) },
        source: source(stage)
      ) { daemon async throws in
        // The heartbeat speaks first, since the bench cannot be open yet.
        let first = await manager.next()
        #expect(!first.contains("READY=1"))
        stage.open("plug")
        _ = try await daemon.client.frame()
        var message = ""
        while !message.contains("READY=1") {
          message = await manager.next()
          try #require(!message.isEmpty)
        }
      }
    }
  }
}

/// Does something that blocks on a thread of its own: those of Swift's tasks are few, and the daemon needs them.
private func apart<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

/// What a daemon sends back before it closes the connection.
private func answer(to request: String, _ path: String) async -> String {
  await apart {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    guard inAddress(path, { connect(descriptor, $0, $1) }) == 0 else { return "nobody answers" }
    let bytes = Array(request.utf8)
    _ = send(descriptor, bytes, bytes.count, 0)
    var (text, part) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while case let count = recv(descriptor, &part, 4096, 0), count > 0 { text += part[..<count] }
    return String(decoding: text, as: UTF8.self)
  }
}

private func inAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// A socket on which a service manager listens.
private final class Manager: Sendable {
  let path: String
  private let descriptor: Int32

  init(path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(inAddress(path) { bind(descriptor, $0, $1) } == 0)
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// The next message; empty when none comes.
  func next() async -> String {
    await apart { [self] in
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &bytes, 4096, 0)
      return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }
  }
}
