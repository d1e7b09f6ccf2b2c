import Access
import NIOCore

/// Closes connections of users without a role who have all that they may have, before anything is made for them: they may
/// connect faster than a pipeline for HTTP can be set up and taken down again.
final class EarlyRefusal: ChannelInboundHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel

  private let watch: ConnectionWatch

  init(watch: ConnectionWatch) { self.watch = watch }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let connection = unwrapInboundIn(data)
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    Peer.of(connection).hop(to: context.eventLoop).whenSuccess { peer in
      let (handler, context) = handler.value
      guard context.channel.isActive, !handler.watch.refusesAtOnce(peer) else {
        return connection.close(promise: nil)
      }
      context.fireChannelRead(handler.wrapInboundOut(connection))
    }
  }
}
