import Foundation

/// Who counts as one client when connections are shared out.
enum Client: Hashable, Sendable {
  /// A user of the machine, whatever groups their processes run in.
  case user(uid_t)
  /// An address on TCP, or a network of IPv6, which gives everybody in it addresses to choose from.
  case network(String)
  /// Whoever has a token, wherever they are: its place in the table of tokens.
  case token(Int)
  case inProcess
  case unknown

  init(_ peer: Peer) {
    self =
      switch peer {
      case .process(let user, _): .user(user)
      case .remote(let address): .network(Self.network(address))
      case .inProcess: .inProcess
      case .unknown: .unknown
      }
  }

  private static func network(_ address: String) -> String {
    var bytes = in6_addr()
    guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
    let prefix = withUnsafeBytes(of: &bytes) { Array($0.prefix(8)) }
    // An IPv4 address that is written as one of IPv6.
    return prefix.allSatisfy { $0 == 0 } ? address : prefix.map { String($0, radix: 16) }.joined(separator: ":")
  }
}
