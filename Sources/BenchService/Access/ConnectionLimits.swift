import NIOCore

/// What a client may take of the daemon's connections, and for how long.
public struct ConnectionLimits: Sendable, Equatable {
  /// Connections at a time, of all clients of one listener.
  public var connections = 256
  /// Connections at a time of one user of the machine, or of one address.
  public var connectionsOfPeer = 64
  /// Time in which the head of a request arrives, with the handshake of TLS before it.
  public var head = TimeAmount.seconds(10)
  /// Time without a byte of a body that is waited for.
  public var body = TimeAmount.seconds(30)
  /// Time in which a client takes none of the bytes that wait for it.
  public var reader = TimeAmount.seconds(30)
  /// Time between requests; longer than the minute after which clients usually close, so that both do not at once.
  public var idle = TimeAmount.seconds(75)
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
}
