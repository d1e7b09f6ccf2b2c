import Access
import BenchClient
import BenchService
import Connections
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceCore
import Testing

/// Connections that were accepted and that nobody will serve any more. NIO ends the process when the last reference to one goes, and
/// so ends all tests; or it stays open for ever.
@Suite struct ListenerTests {
  @Test("a connection that waits when the daemon's listener is cancelled is closed")
  func cancelled() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("s").path
      let watch = ConnectionWatch()
      let (clients, arrival) = AsyncStream.makeStream(of: RawClient.self)
      let listener = Listener(
        endpoint: .unix(path: path), responder: Router(context: BenchRequestContext.self).buildResponder(),
        watch: watch, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      ) { _ in
        // Nobody takes connections before this returns.
        arrival.yield(RawClient(path, ""))
        while watch.connections == 0 { sched_yield() }
        withUnsafeCurrentTask { $0?.cancel() }
      }
      await Task { try? await listener.run() }.value
      arrival.finish()
      for await client in clients { #expect(await client.read(1).isEmpty) }
    }
  }

  @Test("a port that another program has is named, with what to do")
  func taken() async throws {
    let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
      .get()
    let port = try #require(other.localAddress?.port)
    let listener = Listener(
      endpoint: .tcp(try TCPListening("127.0.0.1:\(port)")),
      responder: Router(context: BenchRequestContext.self).buildResponder(), watch: ConnectionWatch(),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) { _ in }
    let error = await #expect(throws: ServiceError.self) { try await listener.run() }
    #expect("\(error as Any)".contains("port \(port): another program listens there; stop it or give another port"))
    try await other.close()
  }

  @Test("a connection that is still being set up when its listener closes is closed", .timeLimit(.minutes(15)))
  func late() async throws {
    try await withFolder { folder in
      let path = folder.appendingPathComponent("s").path
      let kept = KeptConnections<ByteBuffer, ByteBuffer>()
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
      let gate = group.next().makePromise(of: Void.self)
      let (begun, begin) = AsyncStream.makeStream(of: Void.self)
      let server = try await ServerBootstrap(group: group).bind(unixDomainSocketPath: path) { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          kept.keep(connection)
          return connection
        }.flatMap { connection in
          begin.finish()
          return gate.futureResult.hop(to: channel.eventLoop).map { connection }
        }
      }
      let client = RawClient(path, "")
      for await _ in begun {}
      try await server.executeThenClose { connections in
        defer { kept.closeWaiting() }
        try await server.channel.close()
        for try await _ in connections { Issue.record("nobody should be served any more") }
      }
      gate.succeed()
      #expect(await client.read(1).isEmpty)
      try await group.shutdownGracefully()
    }
  }

  @Test("a connection that waits when the page's port is closed is closed")
  func forwarder() async throws {
    let (clients, arrival) = AsyncStream.makeStream(of: (any Channel).self)
    let forwarder = PageForwarder(socket: "/nowhere")
    let run = Task {
      try await forwarder.run { address in
        let port = try #require(URL(string: address)?.port)
        // The last can connect only after the first were accepted or wait for it.
        for _ in 0..<64 {
          let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port).get()
          arrival.yield(client)
        }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    _ = await run.result
    arrival.finish()
    for await client in clients { try await client.closeFuture.get() }
  }
}
