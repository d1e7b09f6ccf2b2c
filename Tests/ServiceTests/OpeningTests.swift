import BenchAPI
import BenchClient
import BenchFile
import BenchService
import BenchTestKit
import Devices
import Foundation
import Lending
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
        }, watch: NoChange(stage: stage))
    }
  }

  /// Nothing is plugged in, and no time passes.
  private struct NoChange: DeviceWatch {
    let stage: Stage

    func waitForChange(until deadline: UInt64) async throws {
      await stage.pass("device")
      try Task.checkCancellation()
    }
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
    // The heartbeat beats once, and the long wait for the bench is over at once.
    clock.sleep = { seconds in
      if seconds < 10 { await stage.pass("second beat") }
      try Task.checkCancellation()
    }
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
