import NIOCore

/// What a client may take of the daemon's connections, and for how long.
public struct ConnectionLimits: Sendable, Equatable {
  /// Connections at a time, of all clients.
  public var connections = 256
  /// Those of them that only root and the daemon's user get.
  public var reserved = 16
  /// Those that all users without a role get together, and all clients on TCP that have shown no token yet.
  public var strangers = 32
  /// Those that are left, when all others are taken, to clients of whom it is not known yet whether they have a role.
  public var applicants = 8
  /// Connections at a time of one user of the machine, or of one token.
  public var connectionsOfPeer = 64
  /// The same for a user without a role, and for an address that has not shown a token yet.
  public var connectionsOfStranger = 16
  /// Clients that are being told why they get no connection; more are not told.
  public var refusals = 64
  /// Time in which the head of a request arrives, with the handshake of TLS before it.
  public var head = TimeAmount.seconds(10)
  /// Time without a byte of a body that is waited for.
  public var body = TimeAmount.seconds(30)
  /// Time in which a client takes none of the bytes that wait for it.
  public var reader = TimeAmount.seconds(30)
  /// Time between requests; longer than the minute after which clients usually close, so that both do not at once.
  public var idle = TimeAmount.seconds(75)
  /// The same for a client without a role, for which a body and a reader are not waited for any longer either.
  public var strangerIdle = TimeAmount.seconds(5)
  /// Time for what is left of a body whose request is answered already.
  public var rest = TimeAmount.seconds(5)
  /// Time for any of these once the daemon shuts down, and for a client to read why it was refused.
  public var shutdown = TimeAmount.seconds(1)
  /// Bytes of a header field or of the request line.
  public var fieldBytes = 16 << 10
  /// Bytes of a request's whole head.
  public var headBytes = 32 << 10
  /// Header fields of a request.
  public var fields = 100

  public init() {}

  /// These limits for fewer connections.
  public func scaled(to connections: Int) -> ConnectionLimits {
    guard connections < self.connections else { return self }
    var limits = self
    limits.connections = max(4, connections)
    limits.reserved = min(reserved, max(1, connections / 4))
    limits.strangers = min(strangers, max(1, connections / 8))
    limits.applicants = min(applicants, max(1, connections / 16))
    limits.connectionsOfPeer = min(connectionsOfPeer, max(2, connections / 2))
    limits.connectionsOfStranger = min(connectionsOfStranger, limits.strangers)
    limits.refusals = min(refusals, max(1, connections / 4))
    return limits
  }
}
