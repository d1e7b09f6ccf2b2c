import Access
import Connections
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOHTTPTypes
import NIOPosix
import ServiceLifecycle

/// Serves HTTP on one socket. Every connection is accepted; who keeps one is the business of ``ConnectionWatch``.
package struct Listener<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
  private typealias Connection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  let endpoint: Endpoint
  let responder: Responder
  let watch: ConnectionWatch
  let logger: Logger
  /// Gets the address at which connections are accepted from now on.
  let onRunning: @Sendable (SocketAddress?) -> Void

  package init(
    endpoint: Endpoint, responder: Responder, watch: ConnectionWatch, logger: Logger,
    onRunning: @escaping @Sendable (SocketAddress?) -> Void
  ) {
    (self.endpoint, self.responder, self.watch, self.logger) = (endpoint, responder, watch, logger)
    self.onRunning = onRunning
  }

  package func run() async throws {
    let http = HTTP1Channel(responder: respond, configuration: watch.http1)
    if case .tcp(let listening) = endpoint, let tls = try listening.tlsChannel(http) {
      try await serve(tls)
    } else {
      try await serve(http)
    }
  }

  private func serve<Child: ServerChildChannel>(_ child: Child) async throws where Child.Value == Connection {
    let group = MultiThreadedEventLoopGroup.singleton
    let quiescing = ServerQuiescingHelper(group: group)
    let kept = KeptConnections<HTTPRequestPart, HTTPResponsePart>()
    let server = try await bind(bootstrap(group, quiescing)) { channel in
      child.setup(channel: channel, logger: logger).map { connection in
        kept.keep(connection)
        return connection
      }
    }
    onRunning(server.channel.localAddress)
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { tasks in
        do {
          try await server.executeThenClose { inbound in
            defer { kept.closeWaiting() }
            for try await connection in inbound {
              kept.take(connection)
              tasks.addTask { await child.handle(value: connection, logger: logger) }
            }
          }
        } catch is CancellationError {
          // Another part of the daemon failed, and says so itself.
        } catch {
          logger.error("the socket takes no more connections: \(error)")
        }
      }
    } onGracefulShutdown: {
      quiescing.initiateShutdown(promise: nil)
    }
  }

  private func bootstrap(_ group: any EventLoopGroup, _ quiescing: ServerQuiescingHelper) -> ServerBootstrap {
    ServerBootstrap(group: group)
      // Who waits here is not known yet: the queue has to be longer than what those without a role can put into it.
      .serverChannelOption(ChannelOptions.backlog, value: 4096)
      .serverChannelOption(ChannelOptions.maxMessagesPerRead, value: 64)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DescriptorShortage(watch: watch, logger: logger))
          if case .tcp = endpoint {
          } else {
            try channel.pipeline.syncOperations.addHandler(EarlyRefusal(watch: watch))
          }
          try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
  }

  private func bind(
    _ bootstrap: ServerBootstrap, _ setup: @escaping @Sendable (any Channel) -> EventLoopFuture<Connection>
  ) async throws -> NIOAsyncChannel<Connection, Never> {
    do {
      return try await open(bootstrap, setup)
    } catch  where !(error is CancellationError) {
      throw endpoint.refusal(error)
    }
  }

  private func open(
    _ bootstrap: ServerBootstrap, _ setup: @escaping @Sendable (any Channel) -> EventLoopFuture<Connection>
  ) async throws -> NIOAsyncChannel<Connection, Never> {
    switch endpoint {
    case .inherited(let socket):
      try await bootstrap.bind(
        socket.descriptor, cleanupExistingSocketFile: false, serverBackPressureStrategy: nil,
        childChannelInitializer: setup)
    case .unix(let path):
      try await bootstrap.bind(
        unixDomainSocketPath: path, cleanupExistingSocketFile: true, serverBackPressureStrategy: nil,
        childChannelInitializer: setup)
    case .tcp(let listening):
      try await bootstrap.bind(
        host: listening.bindHost, port: listening.port, serverBackPressureStrategy: nil, childChannelInitializer: setup)
    }
  }

  @Sendable private func respond(
    to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    let context = Responder.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
    var response =
      (try? await responder.respond(to: request, context: context)) ?? Response(status: .internalServerError)
    response.headers[.server] = "odud"
    response.headers[.date] = Self.date()
    try await writer.write(response: response.head, body: response.body)
  }

  /// The time as HTTP writes it.
  private static func date() -> String {
    var (now, parts) = (time(nil), tm())
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
