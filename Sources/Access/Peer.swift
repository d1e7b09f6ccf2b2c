import Foundation
import NIOCore

/// Who is at the other end of a connection.
public enum Peer: Sendable, Hashable {
  /// A process of this machine, on the Unix socket.
  case process(user: uid_t, group: gid_t)
  /// A client on TCP, by its address.
  case remote(String)
  /// A caller inside this process, which needs no permission.
  case inProcess
  /// A caller that cannot be identified.
  case unknown
}

extension Peer: CustomStringConvertible {
  public var description: String {
    switch self {
    case .process(let user, _): "user \(user)"
    case .remote(let address): address
    case .inProcess: "this process"
    case .unknown: "an unknown peer"
    }
  }
}

extension Peer {
  /// The kernel's `struct ucred`, which Swift does not see: process, user and group.
  private typealias Credentials = (UInt32, uid_t, gid_t)

  /// The peer of a channel, as the kernel knows it. Completes at once on the channel's event loop.
  package static func of(_ channel: any Channel) -> EventLoopFuture<Peer> {
    guard channel.localAddress?.protocol == .unix else {
      return channel.eventLoop.makeSucceededFuture(channel.remoteAddress?.ipAddress.map(Peer.remote) ?? .unknown)
    }
    guard let options = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeSucceededFuture(.unknown)
    }
    let credentials: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    return credentials.map { .process(user: $0.1, group: $0.2) }.recover { _ in .unknown }
  }
}
