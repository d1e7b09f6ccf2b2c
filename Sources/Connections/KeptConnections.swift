import Concurrency
import NIOCore

/// The connections of a listener, from when they are accepted until they are closed.
///
/// NIO ends the process when the last reference to an open `NIOAsyncChannel` goes, and lets go of those that wait to be served when
/// the task that serves is cancelled, or that are set up while the listener closes. Here each is kept until it is closed, and
/// ``closeWaiting()`` closes those that nobody will serve.
public final class KeptConnections<Inbound: Sendable, Outbound: Sendable>: Sendable {
  public typealias Connection = NIOAsyncChannel<Inbound, Outbound>

  private struct State {
    var waiting: [ObjectIdentifier: any Channel] = [:]
    var isOver = false
  }

  private let state = Locked(State())

  public init() {}

  /// Keeps a connection that has been set up; it is closed at once when nobody serves any longer.
  public func keep(_ connection: Connection) {
    let channel = connection.channel
    let isOver = state.withLock { state in
      if !state.isOver { state.waiting[ObjectIdentifier(channel)] = channel }
      return state.isOver
    }
    channel.closeFuture.whenComplete { [self] _ in take(connection) }
    if isOver { channel.close(promise: nil) }
  }

  /// From now on the one who serves a connection closes it.
  public func take(_ connection: Connection) {
    state.withLock { $0.waiting[ObjectIdentifier(connection.channel)] = nil }
  }

  /// Closes the connections that nobody has taken, and all that come.
  public func closeWaiting() {
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for channel in waiting { channel.close(promise: nil) }
  }
}
