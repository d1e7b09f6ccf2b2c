/// What a caller may do; each role may do everything that the ones before it may.
public enum Role: String, Sendable, Codable, CaseIterable, Comparable {
  /// May look: status, images, jobs, metrics.
  case observe
  /// May use the bench: patterns, exposures, measurements, jobs.
  case operate
  /// May change the daemon itself and remove what it keeps.
  case administer

  public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .observe: 0
    case .operate: 1
    case .administer: 2
    }
  }
}
