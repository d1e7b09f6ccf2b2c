import Foundation
import ServiceCore

/// The listening socket that a service manager opened before it started this process, as systemd's `sd_listen_fds(3)`
/// describes it.
public struct ActivationSocket: Sendable, Equatable {
  public let descriptor: Int32

  private static let first: Int32 = 3

  /// Nil when no socket was handed over to this process.
  ///
  /// - Throws: ``ServiceError/startup(_:)`` when it is not one Unix socket that listens.
  public init?(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    guard environment["LISTEN_PID"] == "\(getpid())", let count = environment["LISTEN_FDS"].flatMap({ Int($0) }),
      count > 0
    else { return nil }
    guard count == 1 else {
      throw ServiceError.startup("\(count) sockets were handed over; odud takes one, the Unix socket of its unit")
    }
    try self.init(descriptor: Self.first)
  }

  /// - Throws: ``ServiceError/startup(_:)`` when it is not a Unix socket that listens.
  public init(descriptor: Int32) throws {
    guard Self.option(SO_DOMAIN, descriptor) == AF_UNIX, Self.option(SO_ACCEPTCONN, descriptor) == 1 else {
      throw ServiceError.startup(
        "the socket that was handed over is not a listening Unix socket; use ListenStream= with a path")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
  }

  private static func option(_ name: Int32, _ descriptor: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }
}
