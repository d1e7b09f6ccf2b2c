import Access
import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Testing

/// Clients that keep a connection without using it, in virtual time.
@Suite struct AccessConnectionTests {
  @Test("a head must be there after ten seconds, however its bytes drip in")
  func slowHead() throws {
    let wire = try Wire()
    for _ in 0..<9 {
      wire.advance(1)
      wire.bytes()
    }
    #expect(wire.isOpen)
    wire.advance(1)
    #expect(wire.sent.first == "408" && !wire.isOpen)
    #expect(wire.watch.counts.slowHeads == 1)
  }

  @Test("a connection may rest for 75 seconds between requests, but the next head has ten once it begins")
  func idle() throws {
    let wire = try Wire()
    try wire.exchange()
    wire.advance(74)
    #expect(wire.isOpen)
    try wire.exchange()
    wire.advance(74)
    #expect(wire.isOpen)
    wire.bytes()
    wire.advance(9)
    #expect(wire.isOpen)
    wire.advance(1)
    #expect(!wire.isOpen && wire.watch.counts.slowHeads == 1)

    let quiet = try Wire()
    try quiet.exchange()
    quiet.advance(75)
    #expect(!quiet.isOpen && quiet.watch.counts == ConnectionWatch.Counts())
  }

  @Test("a body may take its time as long as bytes arrive, and is given up thirty seconds after the last")
  func slowBody() throws {
    let wire = try Wire()
    try wire.arrive(Wire.head)
    for _ in 0..<5 {
      wire.channel.read()
      wire.advance(29)
      try wire.arrive(.body(ByteBuffer(string: "x")))
    }
    #expect(wire.isOpen)
    wire.channel.read()
    wire.advance(30)
    #expect(wire.sent.first == "408" && !wire.isOpen)
    #expect(wire.watch.counts.slowBodies == 1)
    // What is there of the body must not pass for the whole of it.
    #expect(throws: (any Error).self) { try wire.channel.throwIfErrorCaught() }
  }

  @Test("the client does not pay for a daemon that is not reading or still working")
  func busyDaemon() throws {
    let wire = try Wire()
    try wire.arrive(Wire.head)
    wire.advance(3600)
    #expect(wire.isOpen)
    try wire.arrive(.end(nil))
    wire.channel.read()
    wire.advance(3600)
    #expect(wire.isOpen && wire.sent.isEmpty)
    try wire.answer()
    #expect(wire.sent == ["200", "end"] && wire.isOpen)
  }

  @Test("the rest of a body that is answered already is not waited for")
  func restOfBody() throws {
    let wire = try Wire()
    try wire.arrive(Wire.head)
    try wire.answer()
    wire.advance(5)
    #expect(!wire.isOpen)
  }

  @Test("a client that takes nothing for thirty seconds is dropped and counted, one that takes some is not")
  func slowReader() throws {
    let wire = try Wire()
    try wire.arrive(Wire.head)
    try wire.arrive(.end(nil))
    try wire.write(.head(HTTPResponse(status: .ok)), flush: false)
    wire.setWritable(false)
    wire.advance(29)
    try wire.write(.body(ByteBuffer(string: "more")), flush: false)
    wire.advance(29)
    #expect(wire.isOpen)
    wire.advance(1)
    #expect(!wire.isOpen && wire.watch.counts.slowReaders == 1)

    let prompt = try Wire()
    try prompt.arrive(Wire.head)
    try prompt.arrive(.end(nil))
    try prompt.write(.head(HTTPResponse(status: .ok)), flush: false)
    prompt.setWritable(false)
    prompt.advance(29)
    prompt.channel.flush()
    prompt.setWritable(true)
    prompt.advance(3600)
    #expect(prompt.isOpen && prompt.watch.counts.slowReaders == 0)
  }

  @Test("what is no HTTP is answered with 400 and counted; an error of the network is not")
  func malformed() throws {
    let wire = try Wire()
    wire.channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
    let sent = wire.sent
    #expect(sent.first == "400" && sent.contains { $0.contains("\"invalid\"") })
    #expect(!wire.isOpen && wire.watch.counts.malformed == 1)

    let broken = try Wire()
    broken.channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNRESET, reason: "read"))
    #expect(broken.sent.isEmpty && broken.watch.counts.malformed == 0)
  }

  @Test("half an answer is not followed by another one")
  func halfAnAnswer() throws {
    let wire = try Wire()
    try wire.arrive(Wire.head)
    try wire.write(.head(HTTPResponse(status: .ok)), flush: true)
    wire.channel.read()
    wire.advance(30)
    #expect(wire.sent == ["200"] && !wire.isOpen)
  }

  @Test("a peer has no more connections in use than it may, and may come again when one is closed")
  func crowd() throws {
    var limits = ConnectionLimits()
    limits.connectionsOfPeer = 2
    let watch = ConnectionWatch(limits: limits)
    let first = try Wire(watch)
    let second = try Wire(watch)
    for wire in [first, second] {
      try wire.arrive(Wire.head)
      try wire.arrive(.end(nil))
    }
    let third = try Wire(watch)
    #expect(third.sent.first == "429" && !third.isOpen && first.isOpen && second.isOpen)
    #expect(watch.counts.crowded == 1 && watch.connections == 2)
    first.channel.close(promise: nil)
    #expect(watch.connections == 1)
    #expect(try Wire(watch).isOpen)
  }

  @Test("a peer that has all it may gets one more for the one that rests longest")
  func rest() throws {
    var limits = ConnectionLimits()
    limits.connectionsOfPeer = 3
    let watch = ConnectionWatch(limits: limits)
    let wires = try (0..<3).map { _ in try Wire(watch) }
    try wires[0].arrive(Wire.head)
    let newest = try Wire(watch)
    #expect(wires.map(\.isOpen) == [true, false, true] && newest.isOpen && newest.sent.isEmpty)
    #expect(watch.counts.displaced == 1 && watch.connections == 3)
  }

  @Test("whoever has shown no token yet is waited for five seconds, also for a body and for a reader")
  func unproven() throws {
    let control = AccessControl(AccessPolicy())
    let idle = try Wire(ConnectionWatch(control: control), from: Wire.remote)
    idle.advance(9)
    try idle.exchange()
    idle.advance(4)
    #expect(idle.isOpen)
    idle.advance(1)
    #expect(!idle.isOpen)

    let body = try Wire(ConnectionWatch(control: control), from: Wire.remote)
    try body.arrive(Wire.head)
    body.channel.read()
    body.advance(5)
    #expect(body.sent.first == "408" && !body.isOpen)

    let reader = try Wire(ConnectionWatch(control: control), from: Wire.remote)
    try reader.arrive(Wire.head)
    try reader.arrive(.end(nil))
    try reader.write(.head(HTTPResponse(status: .ok)), flush: false)
    reader.setWritable(false)
    reader.advance(5)
    #expect(!reader.isOpen && reader.watch.counts.slowReaders == 1)
  }

  @Test("a token gives a connection the times of those with a role at once, before its request is answered")
  func proven() throws {
    let wire = try Wire(ConnectionWatch(control: AccessControl(AccessPolicy())), from: Wire.remote)
    try wire.arrive(Wire.head)
    wire.channel.read()
    #expect(wire.watch.prove(wire.channel, token: 0))
    wire.advance(29)
    #expect(wire.isOpen)
    wire.advance(1)
    #expect(wire.sent.first == "408" && !wire.isOpen)
  }

  @Test("a daemon that shuts down waits a second for a client instead of thirty")
  func shutdown() throws {
    let wire = try Wire()
    try wire.arrive(Wire.head)
    wire.channel.read()
    wire.advance(0.5)
    wire.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    wire.advance(0.5)
    #expect(wire.sent.first == "408" && !wire.isOpen)
  }
}

/// A connection without a network, whose time is the test's.
private struct Wire {
  static let head = HTTPRequestPart.head(HTTPRequest(method: .post, scheme: "http", authority: "odu", path: "/"))

  let channel: EmbeddedChannel
  let watch: ConnectionWatch

  static let remote = try? SocketAddress(ipAddress: "192.0.2.1", port: 80)

  init(_ watch: ConnectionWatch = ConnectionWatch(), from address: SocketAddress? = nil) throws {
    self.watch = watch
    channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandlers([PlainEncoder(), SlowClientHandler(watch: watch)])
    try channel.connect(to: address ?? SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
  }

  var isOpen: Bool { channel.isActive }

  /// What was sent since the last look: the status, the body, `end`.
  var sent: [String] {
    var texts: [String] = []
    while let text = try? channel.readOutbound(as: ByteBuffer.self) { texts.append(String(buffer: text)) }
    return texts
  }

  func advance(_ seconds: Double) { channel.embeddedEventLoop.advanceTime(by: .milliseconds(Int64(seconds * 1000))) }

  func arrive(_ part: HTTPRequestPart) throws { try channel.writeInbound(part) }

  /// Bytes that make up no part yet.
  func bytes() { channel.pipeline.fireChannelReadComplete() }

  func write(_ part: HTTPResponsePart, flush: Bool) throws {
    channel.write(part, promise: nil)
    if flush { channel.flush() }
  }

  func answer() throws {
    try write(.head(HTTPResponse(status: .ok)), flush: false)
    try write(.end(nil), flush: true)
  }

  func exchange() throws {
    try arrive(Self.head)
    try arrive(.end(nil))
    try answer()
    _ = sent
  }

  func setWritable(_ isWritable: Bool) {
    channel.isWritable = isWritable
    channel.pipeline.fireChannelWritabilityChanged()
  }
}

/// Writes a response as the texts that the tests compare.
private final class PlainEncoder: ChannelOutboundHandler {
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = ByteBuffer

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let text =
      switch unwrapOutboundIn(data) {
      case .head(let response): "\(response.status.code)"
      case .body(let body): String(buffer: body)
      case .end: "end"
      }
    context.write(wrapOutboundOut(ByteBuffer(string: text)), promise: promise)
  }
}
