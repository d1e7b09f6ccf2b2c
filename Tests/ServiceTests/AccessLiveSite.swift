import Access
import BenchService
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// The daemon's listener on a real socket with a few routes behind the rules of access.
struct LiveSite: Sendable {
  let watch: ConnectionWatch
  /// What became of the bodies of `/v1/body` and `/v1/endless`.
  let bodies: AsyncStream<String>
  private let address: SocketAddress

  /// What became of the bodies that `body` has not waited for, after the listener has ended.
  @discardableResult
  static func run(
    _ policy: AccessPolicy, _ endpoint: Endpoint, limits: ConnectionLimits = ConnectionLimits(),
    _ body: @escaping @Sendable (LiveSite) async throws -> Void
  ) async throws -> [String] {
    let control = AccessControl(policy)
    let watch = ConnectionWatch(limits: limits, control: control)
    let (bodies, report) = AsyncStream.makeStream(of: String.self)
    let (ready, announce) = AsyncStream.makeStream(of: SocketAddress.self)
    let listener = Listener(
      endpoint: endpoint, responder: routes(control, watch, report).buildResponder(), watch: watch,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) { address in
      if let address { announce.yield(address) }
      announce.finish()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { announce.finish() }
        try await listener.run()
      }
      for await address in ready { try await body(LiveSite(watch: watch, bodies: bodies, address: address)) }
      group.cancelAll()
      while let result = await group.nextResult() {
        if case .failure(let error) = result, !(error is CancellationError) { throw error }
      }
    }
    report.finish()
    return await bodies.reduce(into: []) { $0.append($1) }
  }

  private static func routes(
    _ control: AccessControl, _ watch: ConnectionWatch, _ report: AsyncStream<String>.Continuation
  ) -> Router<BenchRequestContext> {
    let router = Router(context: BenchRequestContext.self)
    router.add(middleware: AccessMiddleware(control, watch: watch))
    router.get("healthz") { _, _ in "ok" }
    router.get("v1/role") { _, context in context.role?.rawValue ?? "none" }
    router.post("v1/role") { _, context in context.role?.rawValue ?? "none" }
    router.post("v1/body") { request, _ in
      do {
        _ = try await request.body.collect(upTo: 1 << 20)
        report.yield("whole")
      } catch {
        report.yield("cut short")
        throw error
      }
      return "taken"
    }
    router.get("v1/endless") { _, _ in
      Response(
        status: .ok,
        body: ResponseBody { writer in
          do {
            while true { try await writer.write(ByteBuffer(repeating: 0, count: 1 << 16)) }
          } catch {
            report.yield("dropped")
            throw error
          }
        })
    }
    return router
  }

  /// Everything that the server answers to these bytes until it closes the connection.
  func ask(_ bytes: String, tls version: TLSVersion? = nil, ciphers: [NIOTLSCipher]? = nil) async throws -> String {
    let connection = try await connect(tls: version, ciphers: ciphers)
    return try await connection.executeThenClose { inbound, outbound in
      // A server that has had enough may have closed already; what it said is still to be read.
      try? await outbound.write(ByteBuffer(string: bytes))
      var answer = ByteBuffer()
      for try await part in inbound { answer.writeImmutableBuffer(part) }
      return String(buffer: answer)
    }
  }

  /// Sends bytes and reads nothing while `body` runs.
  func holdWithoutReading(_ bytes: String, _ body: () async throws -> Void) async throws {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.autoRead, value: false).connect(to: address).get()
    try await channel.writeAndFlush(ByteBuffer(string: bytes))
    try await body()
    try? await channel.close()
  }

  private func connect(
    tls version: TLSVersion?, ciphers: [NIOTLSCipher]?
  ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.seconds(10))
      .connect(to: address) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let version {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: Self.context(version, ciphers), serverHostname: "localhost"))
          }
          return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: NIOAsyncChannel.Configuration(inboundType: ByteBuffer.self, outboundType: ByteBuffer.self))
        }
      }
  }

  /// A client that trusts the certificate of these tests and no other.
  private static func context(_ version: TLSVersion, _ ciphers: [NIOTLSCipher]?) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates(
      try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8)))
    (configuration.minimumTLSVersion, configuration.maximumTLSVersion) = (version, version)
    if let ciphers { configuration.cipherSuiteValues = ciphers }
    return try NIOSSLContext(configuration: configuration)
  }
}
