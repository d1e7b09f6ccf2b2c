import Concurrency
import Foundation
import NIOPosix

/// The roles of the machine's own users: by their number, or by the groups they are in.
final class LocalRoles: Sendable {
  /// A user as a caller.
  struct Account: Sendable, Equatable {
    /// The user's name, or number when the machine knows no name.
    var name: String
    var role: Role?
  }

  private struct Entry {
    var account: Account
    var expiry: Double
  }

  private static let lifetime = 5.0
  private static let capacity = 256

  private let policy: AccessPolicy
  private let database: UserDatabase
  private let entries = Locked<[Peer: Entry]>([:])

  init(policy: AccessPolicy, database: UserDatabase = .system) {
    (self.policy, self.database) = (policy, database)
  }

  /// The account of a process, at most five seconds old.
  func account(user: uid_t, group: gid_t) async -> Account {
    // These two must get in even when the database hangs.
    if user == 0 { return Account(name: "root", role: .administer) }
    if user == policy.owner { return Account(name: "the daemon's user", role: .administer) }
    let key = Peer.process(user: user, group: group)
    let now = policy.clock.uptime()
    if let entry = entries.withLock({ $0[key] }), entry.expiry > now { return entry.account }
    let found = try? await NIOThreadPool.singleton.runIfActive { self.look(user: user, group: group) }
    guard let found else { return Account(name: "\(user)", role: nil) }
    entries.withLock {
      if $0.count >= Self.capacity { $0.removeAll() }
      $0[key] = Entry(account: found, expiry: now + Self.lifetime)
    }
    return found
  }

  /// What is known of a user without asking the database: an account that is not too old, or one with a role however old, since
  /// the database may hang.
  func known(user: uid_t, group: gid_t) -> Account? {
    if user == 0 || user == policy.owner { return Account(name: "", role: .administer) }
    guard let entry = entries.withLock({ $0[.process(user: user, group: group)] }) else { return nil }
    return entry.account.role != nil || entry.expiry > policy.clock.uptime() ? entry.account : nil
  }

  private func look(user: uid_t, group: gid_t) -> Account {
    let known = database.user(user)
    let name = known?.name ?? "\(user)"
    let groups = (known?.groups ?? []).union([group])
    let belongs = { (name: String) in self.database.group(name).map(groups.contains) ?? false }
    let role: Role? = belongs(policy.operators) ? .operate : belongs(policy.observers) ? .observe : nil
    return Account(name: name, role: role)
  }
}
