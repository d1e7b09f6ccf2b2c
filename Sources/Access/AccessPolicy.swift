import Foundation
import NIOCore
import ServiceCore

/// Who may do what.
public struct AccessPolicy: Sendable {
  /// The group whose members may look.
  public var observers = "odu-observe"
  /// The group whose members may use the bench.
  public var operators = "odu"
  /// The user who may do everything, as root may: the one that the daemon runs as.
  public var owner = geteuid()
  /// Who may do what on TCP; without it nobody may.
  public var tokens: TokenTable?
  /// Where the daemon listens on TCP; the names by which it may be addressed there follow from it.
  public var listening: TCPListening?
  /// Further names by which it may be addressed on TCP.
  public var names: [String] = []
  /// Who is at the other end of a channel.
  public var identify: @Sendable (any Channel) async -> Peer = { channel in
    (try? await Peer.of(channel).get()) ?? .unknown
  }
  public var clock = ServiceClock.system

  public init() {}

  /// Everybody may do everything; for a server inside a program, without a socket.
  public static var unrestricted: AccessPolicy {
    var policy = AccessPolicy()
    policy.identify = { _ in .inProcess }
    return policy
  }
}
