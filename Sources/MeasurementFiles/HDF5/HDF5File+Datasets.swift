import CHDF5

extension HDF5File {
  /// Numbers of a dataset at most; and numbers for each stored byte, more than gzip can compress.
  private static let (mostNumbers, numbersPerByte) = (1 << 27, 2048)

  func hasDataset(_ name: String) -> Bool { H5Lexists(identifier, name, chdf5_default()) > 0 }

  /// The shape of a dataset, which may have more numbers than can be read at once.
  func shape(ofDataset name: String) throws -> [Int] {
    try opened(name) { try shape(of: $0.space, limit: Int.max >> 4, place: "dataset \(name)") }
  }

  /// The shape and the numbers of a dataset, whatever real type it is stored in.
  func dataset(_ name: String) throws -> (shape: [Int], values: [Double]) {
    try opened(name) { dataset in
      let shape = try shape(of: dataset.space, limit: Self.mostNumbers, place: "dataset \(name)")
      if shape.contains(0) { return (shape, []) }
      let values = try read(
        dataset, shape.reduce(1, *), as: chdf5_native_double(), zero: 0.0, from: chdf5_whole(), into: chdf5_whole(),
        name)
      return (shape, values)
    }
  }

  /// Some consecutive rows of a dataset of at least one dimension.
  func dataset(_ name: String, rows: Range<Int>) throws -> (shape: [Int], values: [Double]) {
    try dataset(name, rows: rows, as: chdf5_native_double(), zero: 0)
  }

  /// Whole numbers, all digits of them.
  func counts(_ name: String, rows: Range<Int>) throws -> [UInt64] {
    try dataset(name, rows: rows, as: chdf5_native_uint64(), zero: 0).values
  }

  /// Levels of a sensor, or of a panel.
  func levels(_ name: String, rows: Range<Int>) throws -> (shape: [Int], values: [UInt16]) {
    try dataset(name, rows: rows, as: chdf5_native_uint16(), zero: 0)
  }

  private func dataset<Value: BitwiseCopyable>(
    _ name: String, rows: Range<Int>, as type: hid_t, zero: Value
  ) throws -> (shape: [Int], values: [Value]) {
    try opened(name) { dataset in
      let whole = try shape(of: dataset.space, limit: Int.max >> 4, place: "dataset \(name)")
      guard let length = whole.first, rows.lowerBound >= 0, rows.upperBound <= length else {
        throw malformed("dataset \(name)", "\(rows.upperBound) rows, found the shape \(whole)")
      }
      let shape = [rows.count] + whole.dropFirst()
      let (count, overflow) = rows.count.multipliedReportingOverflow(by: whole.dropFirst().reduce(1, *))
      guard !overflow, count <= Self.mostNumbers else {
        throw malformed("dataset \(name)", "at most \(Self.mostNumbers) numbers in the rows that are read")
      }
      if count == 0 { return (shape, []) }
      let start = [hsize_t(rows.lowerBound)] + whole.dropFirst().map { _ in 0 }
      let block = shape.map { hsize_t($0) }
      guard H5Sselect_hyperslab(dataset.space, H5S_SELECT_SET, start, nil, block, nil) >= 0 else {
        throw malformed("dataset \(name)", "rows that can be read")
      }
      let memory = H5Screate_simple(Int32(block.count), block, nil)
      defer { H5Sclose(memory) }
      return (shape, try read(dataset, count, as: type, zero: zero, from: dataset.space, into: memory, name))
    }
  }

  /// A dataset, its space, and whether all of its numbers are to be read.
  private typealias Opened = (identifier: hid_t, space: hid_t)

  private func opened<Result>(_ name: String, _ body: (Opened) throws -> Result) throws -> Result {
    let dataset = H5Dopen2(identifier, name, chdf5_default())
    guard dataset >= 0 else { throw malformed("dataset \(name)", "this dataset, which is missing") }
    defer { H5Dclose(dataset) }
    let space = H5Dget_space(dataset)
    defer { H5Sclose(space) }
    let type = H5Dget_type(dataset)
    defer { H5Tclose(type) }
    let kind = H5Tget_class(type)
    guard kind == H5T_FLOAT || kind == H5T_INTEGER else { throw malformed("dataset \(name)", "real numbers") }
    return try body((dataset, space))
  }

  private func read<Value: BitwiseCopyable>(
    _ dataset: Opened, _ count: Int, as type: hid_t, zero: Value, from file: hid_t, into memory: hid_t, _ name: String
  ) throws -> [Value] {
    let stored = H5Dget_storage_size(dataset.identifier)
    let (bytes, overflow) = hsize_t(Self.numbersPerByte).multipliedReportingOverflow(by: stored)
    guard overflow || hsize_t(count) <= bytes else {
      throw malformed("dataset \(name)", "data for its \(count) numbers; the file is damaged")
    }
    var values = [Value](repeating: zero, count: count)
    guard H5Dread(dataset.identifier, type, memory, file, chdf5_default(), &values) >= 0 else {
      throw malformed("dataset \(name)", "data that can be read; the file is damaged, or a filter is missing")
    }
    return values
  }

  func write(_ values: [Double], shape: [Int], as name: String) throws {
    try write(values, shape, name, stored: chdf5_little_double(), as: chdf5_native_double())
  }

  func write(_ values: [Int], as name: String) throws {
    try write(values.map { Int64($0) }, [values.count], name, stored: chdf5_little_int64(), as: chdf5_native_int64())
  }

  private func write<Value: BitwiseCopyable>(
    _ values: [Value], _ shape: [Int], _ name: String, stored: hid_t, as type: hid_t
  ) throws {
    let space = H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    defer { H5Sclose(space) }
    let dataset = H5Dcreate2(identifier, name, stored, space, chdf5_default(), chdf5_default(), chdf5_default())
    guard dataset >= 0 else { throw unwritable(name) }
    defer { H5Dclose(dataset) }
    let written = values.withUnsafeBytes {
      H5Dwrite(dataset, type, chdf5_whole(), chdf5_whole(), chdf5_default(), $0.baseAddress)
    }
    guard written >= 0 else { throw unwritable(name) }
  }
}
