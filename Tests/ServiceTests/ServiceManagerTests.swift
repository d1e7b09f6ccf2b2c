import BenchService
import Foundation
import ServiceCore
import Testing

/// What the service manager is told, read from a socket of the kind that systemd listens on.
@Suite struct ServiceManagerTests {
  @Test("every message is one datagram, as sd_notify describes it")
  func messages() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("n").path
      let descriptor = try listen(path)
      defer { close(descriptor) }
      let manager = ServiceManager(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000"])
      #expect(manager.watchdog == 30)
      manager.ready()
      manager.status("job 0001-train\nhalf done")
      manager.alive()
      manager.stopping()
      let messages = (0..<4).map { _ in receive(descriptor) }
      #expect(messages == ["READY=1", "STATUS=job 0001-train half done", "WATCHDOG=1", "STOPPING=1"])
    }
  }

  @Test("a watchdog that watches another process, and a missing manager, are no concern of this one")
  func others() {
    let other = ServiceManager(environment: ["WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"])
    #expect(other.watchdog == nil)
    ServiceManager(environment: ["NOTIFY_SOCKET": "relative"]).ready()
    ServiceManager(environment: [:]).ready()
  }

  @Test("a socket that is handed over must be a Unix socket that listens")
  func activation() async throws {
    try await withFolder { folder in
      #expect(try ActivationSocket(environment: ["LISTEN_FDS": "1", "LISTEN_PID": "1"]) == nil)
      let datagrams = try listen(folder.appendingPathComponent("d").path)
      defer { close(datagrams) }
      #expect(throws: ServiceError.self) { try ActivationSocket(descriptor: datagrams) }
    }
  }

  private func listen(_ path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let bound = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    return descriptor
  }

  private func receive(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
