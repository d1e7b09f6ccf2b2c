import Hummingbird
import HummingbirdCore
import Locks
import NIOCore

/// Watches over the connections of the daemon: how many a client has, and whether it holds them without using them.
public final class ConnectionWatch: Sendable {
  /// How many connections were ended, by reason.
  public struct Counts: Sendable, Equatable {
    /// The head of a request took too long.
    public var slowHeads = 0
    /// The body of a request did not go on.
    public var slowBodies = 0
    /// The client did not take the answer.
    public var slowReaders = 0
    /// What arrived was no HTTP.
    public var malformed = 0
    /// The client had too many connections.
    public var crowded = 0

    public init() {}
  }

  private struct State {
    var counts = Counts()
    var connections: [Peer: Int] = [:]
  }

  let limits: ConnectionLimits
  private let state = Locked(State())

  public init(limits: ConnectionLimits = ConnectionLimits()) { self.limits = limits }

  /// How many connections were ended, by reason.
  public var counts: Counts { state.withLock { $0.counts } }

  /// The connections that are open.
  public var connections: Int { state.withLock { $0.connections.values.reduce(0, +) } }

  /// How a listener treats its connections.
  public var http1: HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      additionalChannelHandlers: [SlowClientHandler(watch: self)],
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.fieldBytes, maxHeaderListSize: limits.headBytes,
        maxHeaderFieldCount: limits.fields))
  }

  func count(_ reason: WritableKeyPath<Counts, Int> & Sendable) {
    state.withLock { $0.counts[keyPath: reason] += 1 }
  }

  /// Whether a peer may have one more connection; if so it counts until ``leave(_:)``.
  func enter(_ peer: Peer) -> Bool {
    let peer = peer.asClient
    return state.withLock { state in
      guard state.connections[peer, default: 0] < limits.connectionsOfPeer else {
        state.counts.crowded += 1
        return false
      }
      state.connections[peer, default: 0] += 1
      return true
    }
  }

  func leave(_ peer: Peer) {
    let peer = peer.asClient
    state.withLock { state in
      let left = state.connections[peer, default: 1] - 1
      state.connections[peer] = left > 0 ? left : nil
    }
  }
}

extension Peer {
  /// A user is one client, whatever groups their processes run in.
  fileprivate var asClient: Peer {
    if case .process(let user, _) = self { .process(user: user, group: 0) } else { self }
  }
}
