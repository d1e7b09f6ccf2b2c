import CHDF5
import Concurrency

/// The HDF5 library as this process uses it: by one thread at a time, silently.
enum HDF5Library {
  private static let lock = Locked<Bool>(false)

  /// Runs `body` while no other thread uses the library. It must not be called again inside.
  ///
  /// - Throws: ``HDF5Failure`` when the library does not start, and what `body` throws.
  static func exclusively<Result: Sendable>(_ body: () throws -> Result) throws -> Result {
    try lock.withLock { isStarted in
      if !isStarted {
        // At exit the library would close what is open, which never ends after a file that was damaged or a disk that was
        // full. The writer of a file closes it, or flushes it after every block.
        H5dont_atexit()
        guard H5open() >= 0 else { throw HDF5Failure("libhdf5 does not start") }
        isStarted = true
      }
      // Each thread has its own setting.
      chdf5_be_silent()
      return try body()
    }
  }
}
