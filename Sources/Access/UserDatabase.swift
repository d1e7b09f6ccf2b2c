import Foundation

/// The users and groups of the machine.
package struct UserDatabase: Sendable {
  package struct User: Sendable, Equatable {
    package var name: String
    /// The numbers of all groups that the user belongs to.
    package var groups: Set<gid_t>

    package init(name: String, groups: Set<gid_t>) {
      (self.name, self.groups) = (name, groups)
    }
  }

  /// The user with a number, or nothing when the database does not answer or does not know it.
  package var user: @Sendable (uid_t) -> User?
  /// The number of a group, or nothing when there is none of that name.
  package var group: @Sendable (String) -> gid_t?

  package init(user: @escaping @Sendable (uid_t) -> User?, group: @escaping @Sendable (String) -> gid_t?) {
    (self.user, self.group) = (user, group)
  }

  /// The database of the machine. It may be on the network, so that a question may take long.
  package static let system = UserDatabase(user: findUser, group: findGroup)

  @Sendable private static func findUser(_ number: uid_t) -> User? {
    withGrowingBuffer { buffer, size in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      let status = getpwuid_r(number, &entry, buffer, size, &found)
      guard status == 0, found != nil, let name = entry.pw_name else { return (status, nil) }
      return (0, User(name: String(cString: name), groups: groups(of: name, primary: entry.pw_gid)))
    }
  }

  @Sendable private static func findGroup(_ name: String) -> gid_t? {
    withGrowingBuffer { buffer, size in
      var entry = GroupEntry()
      var found: UnsafeMutablePointer<GroupEntry>?
      let status = getgrnam_r(name, &entry, buffer, size, &found)
      return (status, found == nil ? nil : entry.gr_gid)
    }
  }

  private static func groups(of name: UnsafePointer<CChar>, primary: gid_t) -> Set<gid_t> {
    var count: Int32 = 64
    while count <= 65_536 {
      let capacity = count
      var numbers = [gid_t](repeating: primary, count: Int(capacity))
      if getgrouplist(name, primary, &numbers, &count) >= 0 { return Set(numbers.prefix(Int(count))) }
      count = max(count, 2 * capacity)
    }
    return [primary]
  }

  /// Calls `look` with a larger buffer as long as it says ERANGE.
  private static func withGrowingBuffer<Value>(
    _ look: (UnsafeMutablePointer<CChar>, Int) -> (status: Int32, value: Value?)
  ) -> Value? {
    var size = 4096
    while size <= 1 << 20 {
      var buffer = [CChar](repeating: 0, count: size)
      let answer = look(&buffer, size)
      if answer.status != ERANGE { return answer.value }
      size *= 4
    }
    return nil
  }
}

private typealias GroupEntry = group
