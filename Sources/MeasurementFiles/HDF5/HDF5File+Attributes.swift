import CHDF5

/// Attributes of the root.
extension HDF5File {
  /// Numbers of an attribute at most, and bytes of a text of fixed length.
  private static let (mostNumbers, mostBytes) = (1 << 20, 1 << 16)

  /// The numbers of an attribute; nil when it is absent.
  func numbers(_ name: String) throws -> [Double]? {
    try opened(name, as: "an attribute that can be read") { attribute, space, type in
      let kind = H5Tget_class(type)
      guard kind == H5T_FLOAT || kind == H5T_INTEGER else { throw malformed("attribute \(name)", "numbers") }
      if H5Sget_simple_extent_type(space) == H5S_NULL { return [] }
      let shape = try shape(of: space, limit: Self.mostNumbers, place: "attribute \(name)")
      var values = [Double](repeating: 0, count: shape.reduce(1, *))
      if values.isEmpty { return [] }
      guard H5Aread(attribute, chdf5_native_double(), &values) >= 0 else {
        throw malformed("attribute \(name)", "numbers that can be read")
      }
      return values
    }
  }

  /// Whole numbers; nil when the attribute is absent.
  func wholeNumbers(_ name: String) throws -> [Int]? {
    try numbers(name)?.map { value in
      guard let whole = Int(exactly: value) else {
        throw malformed("attribute \(name)", "whole numbers, found \(value)")
      }
      return whole
    }
  }

  /// The text of an attribute, of fixed or variable length; nil when it is absent.
  func text(_ name: String) throws -> String? {
    try opened(name, as: "an attribute that can be read") { attribute, space, type in
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
      guard size <= Self.mostBytes else { throw malformed("attribute \(name)", "at most \(Self.mostBytes) bytes") }
      var bytes = [UInt8](repeating: 0, count: size)
      guard H5Aread(attribute, type, &bytes) >= 0 else { throw malformed("attribute \(name)", "a text") }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private func opened<Result>(
    _ name: String, as expected: String, _ body: (_ attribute: hid_t, _ space: hid_t, _ type: hid_t) throws -> Result
  ) throws -> Result? {
    guard H5Aexists(identifier, name) > 0 else { return nil }
    let attribute = H5Aopen(identifier, name, chdf5_default())
    guard attribute >= 0 else { throw malformed("attribute \(name)", expected) }
    defer { H5Aclose(attribute) }
    let space = H5Aget_space(attribute)
    defer { H5Sclose(space) }
    let type = H5Aget_type(attribute)
    defer { H5Tclose(type) }
    return try body(attribute, space, type)
  }

  func write(_ numbers: [Int], attribute name: String) throws {
    let values = numbers.map { Int64($0) }
    try write(values, attribute: name, simpleSpace(numbers.count), chdf5_little_int64(), chdf5_native_int64())
  }

  func write(_ numbers: [UInt64], attribute name: String) throws {
    try write(numbers, attribute: name, simpleSpace(numbers.count), chdf5_little_uint64(), chdf5_native_uint64())
  }

  func write(_ numbers: [Double], attribute name: String) throws {
    try write(numbers, attribute: name, simpleSpace(numbers.count), chdf5_little_double(), chdf5_native_double())
  }

  /// A text of any length, which lies outside the attribute: the library limits what lies inside to 64 KiB.
  func write(_ text: String, attribute name: String) throws {
    let type = H5Tcopy(chdf5_c_string())
    defer { H5Tclose(type) }
    guard H5Tset_size(type, chdf5_variable_length()) >= 0, H5Tset_cset(type, H5T_CSET_UTF8) >= 0 else {
      throw unwritable("attribute \(name)")
    }
    try text.withCString { try write([$0], attribute: name, H5Screate(H5S_SCALAR), type, type) }
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
}
