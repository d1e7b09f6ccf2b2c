/// What is known of the client that holds a connection.
package enum Standing: Int, Sendable, Comparable, CaseIterable {
  /// A user of the machine of whom it is being found out whether they have a role.
  case pending
  /// A user of the machine without a role.
  case stranger
  /// A client on TCP that has not shown a token yet.
  case unproven
  /// Someone with a role.
  case member
  /// Root and the daemon's user.
  case owner

  package static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
}
