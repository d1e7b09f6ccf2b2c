import CHDF5
import Files
import Glibc
import HDF5Library

/// An HDF5 file that is open. Everything happens inside `HDF5Library.exclusively`.
final class HDF5 {
  let file: String
  private let identifier: hid_t

  init(reading path: String) throws {
    guard AtomicFile.exists(path) else {
      throw FilesError.unreadable(file: path, reason: String(cString: strerror(ENOENT)))
    }
    file = path
    identifier = H5Fopen(path, chdf5_read_only(), chdf5_default())
    guard identifier >= 0 else {
      throw FilesError.malformed(
        file: path, place: "byte 0", expected: "a whole HDF5 file, or a folder with an index.yaml")
    }
  }

  /// - Parameters:
  ///   - path: the file to make.
  ///   - name: what messages call it.
  init(creating path: String, named name: String) throws {
    file = name
    identifier = H5Fcreate(path, chdf5_truncate(), chdf5_default(), chdf5_default())
    guard identifier >= 0 else { throw FilesError.unwritable(file: name, reason: "the file cannot be made") }
  }

  deinit { H5Fclose(identifier) }

  func flush() throws {
    guard H5Fflush(identifier, H5F_SCOPE_GLOBAL) >= 0 else { throw unwritable("the file") }
  }

  // MARK: - Datasets

  /// The shape and the numbers of a dataset, whatever real type it is stored in.
  func dataset(_ name: String) throws -> (shape: [Int], values: [Double]) {
    let dataset = H5Dopen2(identifier, name, chdf5_default())
    guard dataset >= 0 else { throw malformed("dataset \(name)", "this dataset, which is missing") }
    defer { H5Dclose(dataset) }
    let space = H5Dget_space(dataset)
    defer { H5Sclose(space) }
    let type = H5Dget_type(dataset)
    defer { H5Tclose(type) }
    let kind = H5Tget_class(type)
    guard kind == H5T_FLOAT || kind == H5T_INTEGER else { throw malformed("dataset \(name)", "real numbers") }
    let shape = try shape(of: space, limit: Self.mostNumbers, place: "dataset \(name)")
    let count = shape.reduce(1, *)
    let (bytes, overflow) = hsize_t(Self.numbersPerByte).multipliedReportingOverflow(by: H5Dget_storage_size(dataset))
    guard overflow || hsize_t(count) <= bytes else {
      throw malformed("dataset \(name)", "data for its \(count) numbers; the file is damaged")
    }
    var values = [Double](repeating: 0, count: count)
    guard H5Dread(dataset, chdf5_native_double(), 0, 0, chdf5_default(), &values) >= 0 else {
      throw malformed("dataset \(name)", "data that can be read; the file is damaged, or a filter is missing")
    }
    return (shape, values)
  }

  /// Numbers of a dataset, and of an attribute, at most; and numbers for each stored byte, more than gzip can compress.
  private static let (mostNumbers, mostAttributeNumbers, numbersPerByte) = (1 << 27, 1 << 20, 2048)

  private func shape(of space: hid_t, limit: Int, place: String) throws -> [Int] {
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

  func write(_ values: [Double], shape: [Int], as name: String) throws {
    let lengths = shape.map { hsize_t($0) }
    let space = H5Screate_simple(Int32(shape.count), lengths, nil)
    defer { H5Sclose(space) }
    let dataset = H5Dcreate2(
      identifier, name, chdf5_little_double(), space, chdf5_default(), chdf5_default(), chdf5_default())
    guard dataset >= 0 else { throw unwritable(name) }
    defer { H5Dclose(dataset) }
    guard H5Dwrite(dataset, chdf5_native_double(), 0, 0, chdf5_default(), values) >= 0 else { throw unwritable(name) }
  }

  // MARK: - Attributes of the root

  /// The numbers of an attribute; nil when it is absent.
  func numbers(_ name: String) throws -> [Double]? {
    guard H5Aexists(identifier, name) > 0 else { return nil }
    let attribute = H5Aopen(identifier, name, chdf5_default())
    guard attribute >= 0 else { throw malformed("attribute \(name)", "an attribute that can be read") }
    defer { H5Aclose(attribute) }
    let space = H5Aget_space(attribute)
    defer { H5Sclose(space) }
    let type = H5Aget_type(attribute)
    defer { H5Tclose(type) }
    let kind = H5Tget_class(type)
    guard kind == H5T_FLOAT || kind == H5T_INTEGER else { throw malformed("attribute \(name)", "numbers") }
    if H5Sget_simple_extent_type(space) == H5S_NULL { return [] }
    let shape = try shape(of: space, limit: Self.mostAttributeNumbers, place: "attribute \(name)")
    var values = [Double](repeating: 0, count: shape.reduce(1, *))
    if values.isEmpty { return [] }
    guard H5Aread(attribute, chdf5_native_double(), &values) >= 0 else {
      throw malformed("attribute \(name)", "numbers that can be read")
    }
    return values
  }

  func write(_ numbers: [Int], attribute name: String) throws {
    let (space, values) = (simpleSpace(numbers.count), numbers.map { Int64($0) })
    try write(values, attribute: name, space, chdf5_little_int64(), chdf5_native_int64())
  }

  func write(_ numbers: [Double], attribute name: String) throws {
    try write(numbers, attribute: name, simpleSpace(numbers.count), chdf5_little_double(), chdf5_native_double())
  }

  /// One number is a scalar, as other programs write it.
  private func simpleSpace(_ count: Int) -> hid_t {
    if count == 1 { return H5Screate(H5S_SCALAR) }
    return count == 0 ? H5Screate(H5S_NULL) : H5Screate_simple(1, [hsize_t(count)], nil)
  }

  private func write<Value: BitwiseCopyable>(
    _ values: [Value], attribute name: String, _ space: hid_t, _ stored: hid_t, _ type: hid_t
  ) throws {
    defer { H5Sclose(space) }
    let attribute = H5Acreate2(identifier, name, stored, space, chdf5_default(), chdf5_default())
    guard attribute >= 0 else { throw unwritable("attribute \(name)") }
    defer { H5Aclose(attribute) }
    let written = values.withUnsafeBytes { values.isEmpty ? 0 : H5Awrite(attribute, type, $0.baseAddress) }
    guard written >= 0 else { throw unwritable("attribute \(name)") }
  }

  /// The text of an attribute, of fixed or variable length; nil when it is absent.
  func text(_ name: String) throws -> String? {
    guard H5Aexists(identifier, name) > 0 else { return nil }
    let attribute = H5Aopen(identifier, name, chdf5_default())
    guard attribute >= 0 else { throw malformed("attribute \(name)", "an attribute that can be read") }
    defer { H5Aclose(attribute) }
    let type = H5Aget_type(attribute)
    defer { H5Tclose(type) }
    let space = H5Aget_space(attribute)
    defer { H5Sclose(space) }
    guard H5Tget_class(type) == H5T_STRING, H5Sget_simple_extent_npoints(space) == 1 else {
      throw malformed("attribute \(name)", "one text")
    }
    if H5Tis_variable_str(type) > 0 {
      var text: UnsafeMutablePointer<CChar>?
      guard H5Aread(attribute, type, &text) >= 0 else { throw malformed("attribute \(name)", "a text") }
      defer { H5free_memory(text) }
      return text.map { String(cString: $0) } ?? ""
    }
    let size = H5Tget_size(type)
    guard size <= 1 << 16 else { throw malformed("attribute \(name)", "at most 65536 bytes") }
    var bytes = [UInt8](repeating: 0, count: size)
    guard H5Aread(attribute, type, &bytes) >= 0 else { throw malformed("attribute \(name)", "a text") }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  func write(_ text: String, attribute name: String) throws {
    let bytes = Array(text.utf8) + [0]
    let type = H5Tcopy(chdf5_c_string())
    defer { H5Tclose(type) }
    H5Tset_size(type, bytes.count)
    H5Tset_cset(type, H5T_CSET_UTF8)
    try write(bytes, attribute: name, H5Screate(H5S_SCALAR), type, type)
  }

  // MARK: - Failures

  func malformed(_ place: String, _ expected: String) -> FilesError {
    .malformed(file: file, place: place, expected: expected)
  }

  private func unwritable(_ name: String) -> FilesError {
    .unwritable(file: file, reason: "the library could not write \(name)")
  }
}
