import Access
import Foundation

/// How many files the process may have open, and what that is enough for.
public struct DescriptorLimit: Sendable, Equatable {
  /// Devices, the database, recordings, the runtime's own.
  private static let own = 128
  /// A connection and the file that goes out on it.
  private static let perConnection = 2

  /// Files that may be open.
  public let available: Int
  /// What these limits need.
  public let needed: Int

  /// Raises the limit as far as the system lets it and these limits need it.
  public static func raise(for limits: ConnectionLimits) -> DescriptorLimit {
    let needed = own + perConnection * limits.connections + limits.refusals
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return DescriptorLimit(available: needed, needed: needed)
    }
    var raised = limit
    raised.rlim_cur = min(limit.rlim_max, rlim_t(needed))
    if limit.rlim_cur < needed, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    return DescriptorLimit(available: Int(clamping: limit.rlim_cur), needed: needed)
  }

  public init(available: Int, needed: Int) { (self.available, self.needed) = (available, needed) }

  /// The connections for which the files are enough, with as many more for the daemon itself as there can be.
  public var connections: Int {
    max(4, (available - min(Self.own, available / 2)) / (Self.perConnection + 1))
  }

  /// What a person should know; nil when there are enough.
  public var warning: String? {
    guard available < needed else { return nil }
    return """
      only \(available) open files are allowed, and \(needed) are needed for all connections; there will be \
      \(connections); raise the limit with LimitNOFILE= or ulimit -n
      """
  }
}
