import Foundation
import ServiceLifecycle

/// Ends the daemon when its standard input ends. The parent keeps the other end of a pipe open and writes nothing, so
/// that the kernel closes it however the parent dies.
struct ParentWatch: Service {
  func run() async throws {
    let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
    Thread.detachNewThread {
      var bytes = [UInt8](repeating: 0, count: 256)
      while true {
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count == 0 || count < 0 && errno != EINTR { break }
      }
      continuation.finish()
    }
    for await _ in ended.cancelOnGracefulShutdown() {}
  }
}
