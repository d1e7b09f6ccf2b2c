import CHDF5

/// A call of the library that failed.
struct HDF5Failure: Error, Equatable, CustomStringConvertible {
  /// What the library says of the cause.
  let reason: String

  init(_ reason: String) { self.reason = reason }

  /// The cause of this thread's last failed call, to be made before another call is.
  static func last() -> HDF5Failure {
    let reason = withUnsafeBytes(of: chdf5_last_reason()) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return HDF5Failure(reason.isEmpty ? "the HDF5 library gives no reason" : inShort(reason))
  }

  /// The system's words, where the library has put them between a time, a file and addresses.
  private static func inShort(_ reason: String) -> String {
    if let system = reason.firstMatch(of: /error message = '([^']*)'/) { return String(system.1) }
    return String(reason.prefix { $0 != "\n" })
  }

  var description: String { reason }
}
