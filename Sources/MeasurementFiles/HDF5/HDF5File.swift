import CHDF5
import Files
import Glibc

/// An HDF5 file that is open. Everything happens inside `HDF5Library.exclusively`, which makes it safe to share.
final class HDF5File: @unchecked Sendable {
  /// What messages call it.
  let name: String
  let identifier: hid_t
  private var isOpen = true

  /// Opens a file for reading, also one that is being written, or was when its writer was killed.
  init(reading path: String) throws {
    guard AtomicFile.exists(path) else {
      throw FilesError.unreadable(file: path, reason: String(cString: strerror(ENOENT)))
    }
    name = path
    var file = H5Fopen(path, chdf5_read_only(), chdf5_default())
    if file < 0 { file = H5Fopen(path, chdf5_read_while_written(), chdf5_default()) }
    guard file >= 0 else {
      throw FilesError.malformed(
        file: path, place: "byte 0", expected: "a whole HDF5 file, or a folder with an index.yaml")
    }
    identifier = file
  }

  /// Makes a file that is written at once.
  ///
  /// - Parameters:
  ///   - path: the file to make.
  ///   - name: what messages call it.
  init(creating path: String, named name: String) throws {
    self.name = name
    identifier = H5Fcreate(path, chdf5_truncate(), chdf5_default(), chdf5_default())
    guard identifier >= 0 else {
      throw FilesError.unwritable(file: name, reason: "the file cannot be made: \(HDF5Failure.last())")
    }
  }

  /// Makes a file whose datasets grow, in the form that can be read meanwhile.
  ///
  /// - Throws: ``HDF5Failure``; nothing is then left of the file.
  init(growing path: String) throws {
    name = path
    let access = H5Pcreate(chdf5_file_access())
    defer { H5Pclose(access) }
    // Whatever is still open is closed with the file, also where a failure left it behind.
    guard H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0,
      H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0
    else { throw HDF5Failure.last() }
    identifier = H5Fcreate(path, chdf5_truncate(), chdf5_default(), access)
    guard identifier >= 0 else {
      let failure = HDF5Failure.last()
      // The library may have made it before it failed.
      unlink(path)
      throw failure
    }
  }

  deinit { if isOpen { H5Fclose(identifier) } }

  func flush() throws {
    guard H5Fflush(identifier, H5F_SCOPE_GLOBAL) >= 0 else { throw unwritable("the file") }
  }

  /// Lets others read the file from now on; its datasets can only grow.
  func beginSharing() throws {
    guard H5Fstart_swmr_write(identifier) >= 0, H5Fflush(identifier, H5F_SCOPE_GLOBAL) >= 0 else {
      throw HDF5Failure.last()
    }
  }

  /// Whether everything reached the system.
  func close() throws {
    guard isOpen else { return }
    isOpen = false
    guard H5Fclose(identifier) >= 0 else { throw HDF5Failure.last() }
  }

  /// The lengths of a space, of at most so many numbers.
  func shape(of space: hid_t, limit: Int, place: String) throws -> [Int] {
    let rank = Int(H5Sget_simple_extent_ndims(space))
    guard (0...4).contains(rank) else { throw malformed(place, "at most 4 dimensions, found \(rank)") }
    var lengths = [hsize_t](repeating: 0, count: max(1, rank))
    H5Sget_simple_extent_dims(space, &lengths, nil)
    var count: hsize_t = 1
    for length in lengths.prefix(rank) {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product <= limit else { throw malformed(place, "at most \(limit) numbers") }
      count = product
    }
    return lengths.prefix(rank).map { Int($0) }
  }

  func malformed(_ place: String, _ expected: String) -> FilesError {
    .malformed(file: name, place: place, expected: expected)
  }

  /// To be asked for before any other call of the library.
  func unwritable(_ part: String) -> FilesError {
    .unwritable(file: name, reason: "the library could not write \(part): \(HDF5Failure.last())")
  }
}
