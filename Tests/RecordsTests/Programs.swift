import BenchTestKit

extension Programs {
  /// The program beside the tests, which is killed and given bad disks.
  static let writer = path(of: "record-writer")
}
