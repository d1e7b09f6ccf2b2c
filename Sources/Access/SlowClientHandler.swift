import BenchAPI
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Ends a connection whose client keeps the daemon waiting, and answers what is no HTTP.
///
/// A client that has not had its answer gets a last one that says why, if there is still a way to it.
package final class SlowClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = HTTPRequestPart
  package typealias InboundOut = HTTPRequestPart
  package typealias OutboundIn = HTTPResponsePart
  package typealias OutboundOut = HTTPResponsePart

  /// What the connection waits for.
  private enum Wait { case nothing, head, body, rest, reader, request, goodbye }

  private let watch: ConnectionWatch
  private var place: ConnectionWatch.Place?
  private var standing = Standing.pending
  private var isIdle = true
  private var wait = Wait.nothing
  private var since = NIODeadline.uptimeNanoseconds(0)
  private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?

  private var answersDue = 0
  private var isHeadBegun = true
  private var isBodyExpected = false
  private var isAnswerBegun = false
  private var isReadWanted = false
  private var isPartRead = false
  private var isRefused = false
  private var isShuttingDown = false
  private var unsentBytes = 0

  package init(watch: ConnectionWatch) { self.watch = watch }
}

// MARK: The connection

extension SlowClientHandler {
  package func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { begin(context) }
  }

  package func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  package func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) { end() }

  private func begin(_ context: ChannelHandlerContext) {
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    Peer.of(context.channel).whenSuccess { peer in
      let (handler, context) = handler.value
      guard handler.place == nil, !handler.isRefused, context.channel.isActive else { return }
      let channel = context.channel
      handler.standing = handler.watch.standing(of: peer)
      handler.place = handler.watch.enter(peer, handler.standing, channel: channel) { [watch = handler.watch] in
        watch.dismiss(channel)
      }
      guard handler.place != nil else { return handler.turnAway(context, peer) }
      handler.update(context)
      if handler.standing == .pending { handler.findStanding(context, peer) }
    }
  }

  private func findStanding(_ context: ChannelHandlerContext, _ peer: Peer) {
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let watch = watch
    context.eventLoop.makeFutureWithTask { await watch.foundStanding(of: peer) }.whenSuccess { standing in
      let (handler, context) = handler.value
      guard context.channel.isActive, !handler.isRefused else { return }
      if !handler.change(to: standing) { handler.turnAway(context, peer) }
      handler.update(context)
    }
  }

  /// Whether there is a place for a client of this standing.
  private func change(to standing: Standing) -> Bool {
    guard let place else { return true }
    self.standing = standing
    if watch.change(place, to: standing) { return true }
    watch.leave(place)
    self.place = nil
    return false
  }

  private func turnAway(_ context: ChannelHandlerContext, _ peer: Peer) {
    refuse(
      context, .tooManyRequests, .accessTooManyConnections,
      standing >= .member
        ? "\(peer) has too many connections; close some"
        : "there are too many connections of clients without a role; try again later")
  }

  private func end() {
    timer?.task.cancel()
    timer = nil
    if let place { watch.leave(place) }
    place = nil
    if isRefused { watch.endRefusal() }
    isRefused = false
  }
}

// MARK: What passes

extension SlowClientHandler {
  package func read(context: ChannelHandlerContext) {
    isReadWanted = true
    update(context)
    context.read()
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isPartRead = true
    guard !isRefused else { return }
    switch unwrapInboundIn(data) {
    case .head(let request):
      answersDue += 1
      (isHeadBegun, isBodyExpected) = (false, true)
      if let mistake = Self.mistake(in: request) {
        watch.count(\.malformed)
        return refuse(context, mistake.status, .requestMalformed, mistake.message)
      }
    case .body: if wait == .body { since = context.eventLoop.now }
    case .end: isBodyExpected = false
    }
    update(context)
    context.fireChannelRead(data)
  }

  private static let hostField = HTTPField.Name("Host") ?? .server

  /// What no route has to deal with.
  private static func mistake(in request: HTTPRequest) -> (status: HTTPResponse.Status, message: String)? {
    // The first one has become the authority.
    if request.headerFields[hostField] != nil { return (.badRequest, "there is more than one header Host") }
    if let expected = request.headerFields[.expect], expected.lowercased() != "100-continue" {
      return (.expectationFailed, "the only expectation supported is 100-continue")
    }
    return nil
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    // Bytes that are no part yet, between two requests, begin a head.
    if !isPartRead, answersDue == 0, !isBodyExpected { isHeadBegun = true }
    (isPartRead, isReadWanted) = (false, false)
    update(context)
    context.fireChannelReadComplete()
  }

  package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isRefused else {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let response):
      if response.status.kind != .informational { isAnswerBegun = true }
    case .body: break
    case .end:
      answersDue = max(0, answersDue - 1)
      isAnswerBegun = false
    }
    context.write(data, promise: promise)
    update(context)
  }

  package func channelWritabilityChanged(context: ChannelHandlerContext) {
    update(context)
    context.fireChannelWritabilityChanged()
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent { isShuttingDown = true }
    if isRefused, event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
    update(context)
    context.fireUserInboundEventTriggered(event)
  }

  package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if isRefused {
      context.channel.closeFuture.cascade(to: promise)
    } else {
      context.close(mode: mode, promise: promise)
    }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError, !isAnswerBegun, !isRefused {
      watch.count(\.malformed)
      refuse(
        context, .badRequest, .requestMalformed, "the daemon does not understand this HTTP request: \(error)")
    } else {
      context.fireErrorCaught(error)
    }
  }
}

// MARK: Time

extension SlowClientHandler {
  private var presentWait: Wait {
    if isRefused { return .goodbye }
    if unsentBytes > 0 { return .reader }
    if isBodyExpected { return answersDue == 0 ? .rest : isReadWanted ? .body : .nothing }
    if answersDue > 0 { return .nothing }
    return isHeadBegun ? .head : .request
  }

  private var limit: TimeAmount? {
    let limit: TimeAmount? =
      switch wait {
      case .nothing: nil
      case .head: watch.limits.head
      case .body: patient(watch.limits.body)
      case .rest: watch.limits.rest
      case .goodbye: watch.limits.shutdown
      case .reader: patient(watch.limits.reader)
      case .request: patient(watch.limits.idle)
      }
    return isShuttingDown ? limit.map { min($0, watch.limits.shutdown) } : limit
  }

  /// A time for those with a role.
  private func patient(_ time: TimeAmount) -> TimeAmount {
    standing < .member ? min(watch.limits.strangerIdle, time) : time
  }

  private func update(_ context: ChannelHandlerContext) {
    guard context.channel.isActive, place != nil || isRefused else { return }
    // A right token is noticed by those who answer.
    if standing == .unproven, let place { standing = watch.standing(of: place) ?? standing }
    let unsent = context.channel.isWritable ? 0 : Self.unsentBytes(of: context.channel)
    if unsent != unsentBytes, wait == .reader { since = context.eventLoop.now }
    unsentBytes = unsent
    let present = presentWait
    if present != wait { (wait, since) = (present, context.eventLoop.now) }
    noteIdleness()
    guard let limit else { return }
    schedule(context, since + limit)
  }

  private func noteIdleness() {
    let isIdle = wait == .request || wait == .head || wait == .rest
    guard let place, isIdle != self.isIdle else { return }
    self.isIdle = isIdle
    watch.note(place, isIdle: isIdle)
  }

  /// One task waits at a time. It looks again when it is early, so that a request need not put it off.
  private func schedule(_ context: ChannelHandlerContext, _ deadline: NIODeadline) {
    if let timer, timer.deadline <= deadline { return }
    timer?.task.cancel()
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = handler.value
      handler.timer = nil
      handler.update(context)
      if let limit = handler.limit, handler.since + limit <= context.eventLoop.now { handler.giveUp(context) }
    }
    timer = (deadline, task)
  }

  private func giveUp(_ context: ChannelHandlerContext) {
    switch wait {
    case .head:
      watch.count(\.slowHeads)
      refuse(context, .requestTimeout, .requestTooSlow, "the head of the request took too long")
    case .body:
      watch.count(\.slowBodies)
      refuse(context, .requestTimeout, .requestTooSlow, "the body of the request stalled")
    case .reader:
      watch.count(\.slowReaders)
      context.close(promise: nil)
    case .rest, .request, .goodbye: context.close(promise: nil)
    case .nothing: break
    }
  }

  private static func unsentBytes(of channel: any Channel) -> Int {
    (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 1
  }
}

// MARK: The last answer

extension SlowClientHandler {
  /// Answers in place of the daemon, hears what still arrives for a moment, so that the answer is not lost on its way,
  /// and closes.
  private func refuse(
    _ context: ChannelHandlerContext, _ status: HTTPResponse.Status, _ cause: Cause, _ message: String
  ) {
    guard !isAnswerBegun, let body = try? APICoding.encode(ErrorResponse(cause, message)),
      watch.beginRefusal()
    else {
      context.close(promise: nil)
      return
    }
    let fields: HTTPFields = [
      .contentType: "application/json", .contentLength: "\(body.count)", .connection: "close",
    ]
    context.write(wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: fields))), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
    isRefused = true
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).flatMap {
      handler.value.1.close(mode: .output)
    }.whenFailure { _ in handler.value.1.close(promise: nil) }
    update(context)
    // Whoever waits for the body must not take what arrived for the whole of it.
    context.fireErrorCaught(HTTPError(status, message: message))
  }
}
