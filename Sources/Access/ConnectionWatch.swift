import Concurrency
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

/// Watches over the connections of the daemon: who may have how many, and whether they are held without being used.
///
/// Whoever has a role finds a place: those without get few of them, some are kept for root and some for those who have yet to show
/// who they are, and when all are taken, whoever has most gives one back.
public final class ConnectionWatch: Sendable {
  /// How many connections were ended, by reason.
  public struct Counts: Sendable, Equatable {
    /// The head of a request took too long.
    public var slowHeads = 0
    /// The body of a request stalled.
    public var slowBodies = 0
    /// The client did not take the answer.
    public var slowReaders = 0
    /// What arrived was no HTTP.
    public var malformed = 0
    /// The client had too many connections.
    public var crowded = 0
    /// Another client needed the place more.
    public var displaced = 0

    public init() {}
  }

  /// The place of one connection.
  package struct Place: Sendable, Hashable {
    fileprivate let number: Int
    fileprivate let channel: ObjectIdentifier?
  }

  private struct State {
    var counts = Counts()
    var table = ConnectionTable()
    /// The places of connections, by their channels.
    var places: [ObjectIdentifier: Int] = [:]
    var refusals = 0
  }

  package let limits: ConnectionLimits
  private let control: AccessControl?
  private let state = Locked(State())

  /// - Parameter control: knows who has a role; without one everybody counts as having one.
  package init(limits: ConnectionLimits = ConnectionLimits(), control: AccessControl?) {
    (self.limits, self.control) = (limits, control)
  }

  public convenience init(limits: ConnectionLimits = ConnectionLimits()) { self.init(limits: limits, control: nil) }

  /// How many connections were ended, by reason.
  public var counts: Counts { state.withLock { $0.counts } }

  /// The connections that are open.
  public var connections: Int { state.withLock { $0.table.count } }

  /// How a listener treats its connections.
  public var http1: HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      additionalChannelHandlers: [SlowClientHandler(watch: self)],
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.fieldBytes, maxHeaderListSize: limits.headBytes,
        maxHeaderFieldCount: limits.fields))
  }

  package func count(_ reason: WritableKeyPath<Counts, Int> & Sendable) {
    state.withLock { $0.counts[keyPath: reason] += 1 }
  }

  // MARK: Places

  /// What is known at once of a client that connects.
  func standing(of peer: Peer) -> Standing { control?.standing(of: peer) ?? .member }

  /// What a standing that was ``Standing/pending`` turns out to be.
  func foundStanding(of peer: Peer) async -> Standing { await control?.foundStanding(of: peer) ?? .member }

  /// A place for one more connection, until ``leave(_:)``; nil when there is none.
  ///
  /// - Parameters:
  ///   - channel: the connection, for ``prove(_:token:)``.
  ///   - close: ends the connection when somebody else gets the place.
  package func enter(
    _ peer: Peer, _ standing: Standing, channel: (any Channel)? = nil, close: @escaping @Sendable () -> Void
  ) -> Place? {
    let channel = channel.map { ObjectIdentifier($0) }
    let number = settle(channel) { $0.enter(Client(peer), standing, close: close, limits) }
    return number.map { Place(number: $0, channel: channel) }
  }

  /// Closes a connection that has lost its place. One without a token is read once more before: what it has sent may hold one.
  package func dismiss(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    let isLeaving = state.withLock { state in state.places[id].map { state.table.isLeaving($0) } ?? false }
    guard isLeaving else { return channel.close(promise: nil) }
    channel.eventLoop.scheduleTask(in: Self.lastWord) { [self] in
      let isPlaced = state.withLock { state in state.places[id].map { state.table.isPlaced($0) } ?? false }
      if !isPlaced { channel.close(promise: nil) }
    }
  }

  /// Enough for a client on a busy machine to send what it connected for. A flood gathers no more meanwhile than
  /// ``ConnectionLimits/connections``.
  private static let lastWord = TimeAmount.milliseconds(250)

  /// What is known by now of whoever holds a connection; nil when somebody else has its place.
  func standing(of place: Place) -> Standing? { state.withLock { $0.table.standing(of: place.number) } }

  /// A client on TCP has shown a token: it is known from now on by that and not by its address.
  ///
  /// - Parameter token: its place in the table of tokens.
  /// - Returns: false when there is no place for one more of those who have the token; the connection keeps the one it has.
  package func prove(_ channel: any Channel, token: Int) -> Bool {
    let id = ObjectIdentifier(channel)
    guard let number = state.withLock({ $0.places[id] }) else { return true }
    return settle { $0.change(number, to: .member, as: .token(token), limits) } != nil
  }

  /// Whether a peer is known to have no role and gets no place; then it is counted as refused.
  package func refusesAtOnce(_ peer: Peer) -> Bool {
    let standing = standing(of: peer)
    guard standing < .unproven else { return false }
    return state.withLock { state in
      let refuses = !state.table.hasRoom(for: Client(peer), standing, limits)
      if refuses { state.counts.crowded += 1 }
      return refuses
    }
  }

  /// Gives a connection another standing; false when there is no place for that, and it stays what it was.
  package func change(_ place: Place, to standing: Standing) -> Bool {
    settle { $0.change(place.number, to: standing, limits) } != nil
  }

  private func settle(
    _ channel: ObjectIdentifier? = nil, _ body: (inout ConnectionTable) -> ConnectionTable.Outcome
  ) -> Int? {
    let outcome = state.withLock { state in
      let outcome = body(&state.table)
      if let channel, let place = outcome.place { state.places[channel] = place }
      if outcome.place == nil { state.counts.crowded += 1 }
      if outcome.displaced != nil { state.counts.displaced += 1 }
      return outcome
    }
    outcome.displaced?()
    outcome.forgotten?()
    return outcome.place
  }

  /// Whether a connection waits for a request of its client.
  package func note(_ place: Place, isIdle: Bool) { state.withLock { $0.table.note(place.number, isIdle: isIdle) } }

  package func leave(_ place: Place) {
    state.withLock { state in
      state.table.leave(place.number)
      if let channel = place.channel { state.places[channel] = nil }
    }
  }

  /// Ends a connection that rests, so that others get its descriptor.
  package func relieve() {
    let close = state.withLock { state in
      let close = state.table.displaceAny()
      if close != nil { state.counts.displaced += 1 }
      return close
    }
    close?()
  }

  // MARK: Refusals

  /// Whether one more client may be sent the reason of its refusal; if so it counts until ``endRefusal()``.
  func beginRefusal() -> Bool {
    state.withLock { state in
      guard state.refusals < limits.refusals else { return false }
      state.refusals += 1
      return true
    }
  }

  func endRefusal() { state.withLock { $0.refusals -= 1 } }
}
