import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Serves HTTP on a socket that the service manager opened, which Hummingbird's own server cannot take over.
struct InheritedListener<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
  let socket: ActivationSocket
  let responder: Responder
  let configuration: HTTP1Channel.Configuration
  let connections: Int
  let logger: Logger
  let onRunning: @Sendable () -> Void

  func run() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let child = HTTP1Channel(responder: respond, configuration: configuration)
    let quiescing = ServerQuiescingHelper(group: group)
    let server = try await bootstrap(group, quiescing).bind(
      socket.descriptor, cleanupExistingSocketFile: false, serverBackPressureStrategy: nil
    ) { channel in child.setup(channel: channel, logger: logger) }
    onRunning()
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { tasks in
        do {
          try await server.executeThenClose { inbound in
            for try await connection in inbound {
              tasks.addTask { await child.handle(value: connection, logger: logger) }
            }
          }
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
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let limit = AvailableConnectionsChannelHandler(maxConnections: connections)
          try channel.pipeline.syncOperations.addHandler(limit)
          try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
  }

  @Sendable private func respond(
    to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    let context = Responder.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
    let response =
      (try? await responder.respond(to: request, context: context)) ?? Response(status: .internalServerError)
    try await writer.write(response: response.head, body: response.body)
  }
}
