import Foundation
import ServiceCore
import ServiceLifecycle

/// A server on its sockets.
public struct BenchDaemon: Service {
  private let server: BenchServer
  private let endpoints: [Endpoint]
  private let onReady: @Sendable () -> Void

  /// - Parameter onReady: called once the socket accepts connections.
  public init(server: BenchServer, socket: String, onReady: @escaping @Sendable () -> Void = {}) {
    self.init(server: server, endpoints: [.unix(path: socket)], onReady: onReady)
  }

  /// - Parameter onReady: called once all sockets accept connections.
  public init(server: BenchServer, endpoints: [Endpoint], onReady: @escaping @Sendable () -> Void = {}) {
    self.server = server
    self.endpoints = endpoints
    self.onReady = onReady
  }

  /// Serves until the task is cancelled or its service group shuts down. Then the running job is stopped, the safe
  /// pattern is shown, and the sockets that it made are removed.
  ///
  /// - Throws: ``ServiceError/startup(_:)`` when somebody else answers on a socket.
  public func run() async throws {
    var own: [OwnSocket] = []
    defer {
      for socket in own { socket.remove() }
      server.close()
    }
    let listening = try endpoints.map { endpoint in
      guard case .unix(let path) = endpoint else { return endpoint }
      let socket = try SocketPath.listen(on: path, mode: server.socketMode)
      own.append(socket)
      return .inherited(try ActivationSocket(descriptor: socket.descriptor))
    }
    try await server.group(on: listening, onReady: onReady).run()
  }
}
