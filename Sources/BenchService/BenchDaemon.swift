import Foundation
import ServiceLifecycle

/// A server on its Unix socket.
public struct BenchDaemon: Service {
  private let server: BenchServer
  private let socket: String
  private let onReady: @Sendable () -> Void

  /// - Parameter onReady: called once the socket accepts connections.
  public init(server: BenchServer, socket: String, onReady: @escaping @Sendable () -> Void = {}) {
    self.server = server
    self.socket = socket
    self.onReady = onReady
  }

  /// Serves until the task is cancelled or its service group shuts down. Then the running job is cancelled, the safe
  /// pattern is shown, and the socket is removed.
  ///
  /// - Throws: ``ServiceError/startup(_:)`` when somebody else answers on the socket.
  public func run() async throws {
    try SocketPath.prepare(socket)
    defer { unlink(socket) }
    try await server.group(socket: socket, onReady: onReady).run()
  }
}
