import AsyncHTTPClient
import BenchAPI
import Connections
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// The page of a daemon that has only its Unix socket: a loopback port whose requests go to the socket with this user's
/// rights, and on which therefore only this user's programs are heard.
public struct PageForwarder: Sendable {
  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  private let socket: String
  private static let bodyLimit = 256 << 20
  /// Browsers keep up to six connections, and streams that a page has left end late.
  private static let connections = 32

  /// - Parameter socket: that of the daemon.
  public init(socket: String) { self.socket = socket }

  /// Forwards until the task is cancelled.
  ///
  /// - Parameter onReady: gets the address of the page, with the token that it needs.
  public func run(_ onReady: (String) async throws -> Void) async throws {
    let kept = KeptConnections<HTTPServerRequestPart, HTTPServerResponsePart>()
    let server = try await bind(kept)
    guard let port = server.channel.localAddress?.port else {
      throw BenchClientError.broken(reason: "the loopback port has no number")
    }
    let gate = PageGate(port: port)
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connections
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      try await withThrowingDiscardingTaskGroup { tasks in
        try await server.executeThenClose { connections in
          defer { kept.closeWaiting() }
          try await onReady(gate.address)
          for try await connection in connections {
            kept.take(connection)
            tasks.addTask { await serve(connection, gate, http) }
          }
        }
      }
    } catch {
      try? await http.shutdown()
      throw error
    }
    try await http.shutdown()
  }

  private func bind(
    _ kept: KeptConnections<HTTPServerRequestPart, HTTPServerResponsePart>
  ) async throws -> NIOAsyncChannel<Connection, Never> {
    try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          let connection = try Connection(wrappingChannelSynchronously: channel)
          kept.keep(connection)
          return connection
        }
      }
  }

  /// Answers the requests of one connection. What goes wrong with it ends it, and nothing else.
  private func serve(_ connection: Connection, _ gate: PageGate, _ http: HTTPClient) async {
    let isOwn = gate.isOwn(connection.channel.remoteAddress)
    try? await connection.executeThenClose { inbound, outbound in
      var parts = inbound.makeAsyncIterator()
      while case .head(let head)? = try await parts.next() {
        if let refusal = isOwn ? gate.refusal(of: head) : PageGate.stranger {
          return try await answer(refusal, to: outbound)
        }
        var body = ByteBuffer()
        while case .body(var part)? = try await parts.next() {
          guard body.readableBytes + part.readableBytes <= Self.bodyLimit else {
            return try await answer(PageGate.tooLarge, to: outbound)
          }
          body.writeBuffer(&part)
        }
        try await forward(head, body, gate, http, to: outbound)
        guard head.isKeepAlive else { return }
      }
    }
  }

  private func forward(
    _ head: HTTPRequestHead, _ body: ByteBuffer, _ gate: PageGate, _ http: HTTPClient,
    to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws {
    guard let url = URL(httpURLWithSocketPath: socket, uri: head.uri) else {
      return try await answer(PageGate.malformed, to: outbound)
    }
    var request = HTTPClientRequest(url: url.absoluteString)
    request.method = head.method
    request.headers = gate.forwarded(head.headers)
    if body.readableBytes > 0 { request.body = .bytes(body) }
    let response: HTTPClientResponse
    do {
      response = try await http.execute(request, timeout: BenchClient.endless)
    } catch {
      try Task.checkCancellation()
      return try await answer(PageGate.noDaemon, to: outbound)
    }
    let headers = PageGate.endToEnd(response.headers)
    try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)))
    for try await part in response.body { try await outbound.write(.body(.byteBuffer(part))) }
    try await outbound.write(.end(nil))
  }

  private func answer(
    _ refusal: PageGate.Refusal, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws {
    let body = ByteBuffer(bytes: try APICoding.encode(ErrorResponse(refusal.cause, refusal.message)))
    let headers: HTTPHeaders = [
      "Content-Type": "application/json", "Content-Length": "\(body.readableBytes)", "Connection": "close",
    ]
    try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: refusal.status, headers: headers)))
    try await outbound.write(.body(.byteBuffer(body)))
    try await outbound.write(.end(nil))
  }
}
