import Access
import Glibc
import Logging
import NIOCore

/// What becomes of a listening socket when the process may open no more files: it rests for a moment instead of trying again at
/// once, ends a connection that rests, and gives the next client the descriptor that was kept for this.
final class DescriptorShortage: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  private static let pause = TimeAmount.milliseconds(250)

  private let watch: ConnectionWatch
  private let logger: Logger
  private var spare: Int32 = -1
  private var isShort = false

  init(watch: ConnectionWatch, logger: Logger) {
    (self.watch, self.logger) = (watch, logger)
  }

  deinit { releaseSpare() }

  func handlerAdded(context: ChannelHandlerContext) { keepSpare() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isShort {
      keepSpare()
      isShort = spare < 0
      if !isShort { logger.notice("connections are accepted again") }
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let failure = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    if !isShort {
      logger.error("a client was not accepted: \(failure); odud tries again as connections end")
      isShort = true
    }
    releaseSpare()
    watch.relieve()
    rest(context)
  }

  private func rest(_ context: ChannelHandlerContext) {
    let channel = context.channel
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.scheduleTask(in: Self.pause) { try? channel.syncOptions?.setOption(.autoRead, value: true) }
  }

  private func keepSpare() {
    if spare < 0 { spare = open("/dev/null", O_RDONLY | O_CLOEXEC) }
  }

  private func releaseSpare() {
    if spare >= 0 { Glibc.close(spare) }
    spare = -1
  }
}
