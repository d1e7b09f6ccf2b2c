import Concurrency
import Foundation
import HTTPTypes
import Hummingbird

/// Decides whether a request may pass.
package final class AccessControl: Sendable {
  /// Wrong tokens that wait for their answer at a time.
  private static let waitingAttempts = 32

  package let policy: AccessPolicy
  private let roles: LocalRoles
  private let site: Site
  private let pause: @Sendable () async -> Void
  private let waiting = Locked(0)

  /// - Parameter pause: how long the answer to a wrong token takes.
  package init(
    _ policy: AccessPolicy, database: UserDatabase = .system,
    pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(1)) }
  ) {
    self.policy = policy
    self.pause = pause
    roles = LocalRoles(policy: policy, database: database)
    site = Site(listening: policy.listening, names: policy.names)
  }

  /// The caller of a request that may pass.
  package func admit(_ request: Request, from peer: Peer) async throws(AccessRefusal) -> Caller {
    try checkBrowser(request, from: peer)
    guard let needed = RequiredRole.of(request.method, request.uri.path) else {
      return (try? await caller(request, from: peer)) ?? .unknown
    }
    let caller = try await caller(request, from: peer)
    guard let role = caller.role, role >= needed else {
      throw .role(explanation(request, needed: needed, caller: caller, peer: peer))
    }
    return caller
  }

  // MARK: Connections

  /// What is known at once of whoever connects.
  package func standing(of peer: Peer) -> Standing {
    switch peer {
    case .inProcess: return .owner
    case .remote: return .unproven
    case .unknown: return .stranger
    case .process(let user, let group):
      return roles.known(user: user, group: group).map { Self.standing(of: $0.role) } ?? .pending
    }
  }

  /// The same once the database of users has answered.
  package func foundStanding(of peer: Peer) async -> Standing {
    guard case .process(let user, let group) = peer else { return standing(of: peer) }
    return Self.standing(of: await roles.account(user: user, group: group).role)
  }

  private static func standing(of role: Role?) -> Standing {
    switch role {
    case nil: .stranger
    case .administer: .owner
    case .observe, .operate: .member
    }
  }

  // MARK: Requests

  private func caller(_ request: Request, from peer: Peer) async throws(AccessRefusal) -> Caller {
    switch peer {
    case .process(let user, let group):
      let account = await roles.account(user: user, group: group)
      return Caller(name: account.name, role: account.role)
    case .remote(let address):
      let entry = try await entry(byToken: request)
      return Caller(name: address, role: entry.role, token: entry.number)
    case .inProcess: return Caller(name: "odud", role: .administer)
    case .unknown: return .unknown
    }
  }

  private func entry(byToken request: Request) async throws(AccessRefusal) -> (role: Role, number: Int) {
    guard let header = request.headers[.authorization] else { throw .tokenMissing }
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else { throw .tokenMissing }
    if let entry = policy.tokens?.entry(of: String(words[1])) { return entry }
    let waits = waiting.withLock { count in
      guard count < Self.waitingAttempts else { return false }
      count += 1
      return true
    }
    guard waits else { throw .tooManyAttempts }
    await pause()
    waiting.withLock { $0 -= 1 }
    throw .tokenUnknown
  }

  /// A page from elsewhere that a user has open must not reach the daemon with the user's rights.
  private func checkBrowser(_ request: Request, from peer: Peer) throws(AccessRefusal) {
    switch peer {
    case .remote: try site.check(host: request.head.authority, origin: request.headers[.origin])
    case .process, .inProcess, .unknown:
      guard request.headers[.origin] == nil else {
        throw .origin("this socket is not for browsers; leave out the header Origin")
      }
    }
  }

  private func explanation(_ request: Request, needed: Role, caller: Caller, peer: Peer) -> String {
    let wanted = "\(request.method) \(request.uri.path) needs the role \(needed)"
    let group = needed == .observe ? policy.observers : policy.operators
    switch (peer, needed) {
    case (.process, .administer):
      return "\(wanted), and \(caller.name) has \(caller.role?.rawValue ?? "none"); ask as root or as the daemon's user"
    case (.process, _):
      return """
        \(wanted), and \(caller.name) has \(caller.role?.rawValue ?? "none"); \
        an administrator adds them to the group \(group): usermod -aG \(group) \(caller.name)
        """
    case (.remote, _): return "\(wanted), and this token has \(caller.role?.rawValue ?? "none")"
    default: return "\(wanted), and the caller is unknown; use the daemon's Unix socket"
    }
  }
}
