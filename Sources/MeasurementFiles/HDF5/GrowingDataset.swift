import CHDF5

/// A dataset of an ``HDF5File`` that grows by rows. All of it happens inside `HDF5Library.exclusively`.
struct GrowingDataset {
  /// What the elements are, in memory and in the file.
  enum Element {
    case float32, float64, int64, uint64, uint16, uint8

    var types: (memory: hid_t, file: hid_t) {
      switch self {
      case .float32: (chdf5_native_float(), chdf5_little_float())
      case .float64: (chdf5_native_double(), chdf5_little_double())
      case .uint16: (chdf5_native_uint16(), chdf5_little_uint16())
      case .uint8: (chdf5_native_uint8(), chdf5_uint8())
      case .int64: (chdf5_native_int64(), chdf5_little_int64())
      case .uint64: (chdf5_native_uint64(), chdf5_little_uint64())
      }
    }

    var size: Int {
      switch self {
      case .uint8: 1
      case .uint16: 2
      case .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  private let identifier: hid_t
  private let element: Element
  private let rowShape: [hsize_t]
  private let rowBytes: Int
  private var rows: hsize_t = 0

  /// Bytes of a chunk to aim at.
  private static let chunkBytes = 1 << 18

  /// - Parameters:
  ///   - missing: what readers find where a row was never written.
  ///   - chunkRows: rows of a chunk at most. The disk has room for a whole one as soon as there is a row.
  init<Value: BitwiseCopyable>(
    _ name: String, in file: HDF5File, element: Element, rowShape: [Int], missing: Value, chunkRows: Int = 4096
  ) throws {
    guard rowShape.allSatisfy({ $0 > 0 }) else { throw HDF5Failure("rows of the shape \(rowShape) hold nothing") }
    self.element = element
    self.rowShape = rowShape.map { hsize_t($0) }
    let start: [hsize_t] = [0] + self.rowShape
    let space = H5Screate_simple(Int32(start.count), start, [chdf5_unlimited()] + self.rowShape)
    guard space >= 0 else { throw HDF5Failure.last() }
    defer { H5Sclose(space) }
    rowBytes = rowShape.reduce(element.size, *)
    let chunk = [hsize_t(max(1, min(chunkRows, Self.chunkBytes / max(1, rowBytes))))] + self.rowShape
    let properties = H5Pcreate(chdf5_dataset_creation())
    defer { H5Pclose(properties) }
    let types = element.types
    let isPrepared = withUnsafePointer(to: missing) { missing in
      H5Pset_chunk(properties, Int32(chunk.count), chunk) >= 0
        && H5Pset_fill_value(properties, types.memory, missing) >= 0
    }
    guard isPrepared else { throw HDF5Failure.last() }
    identifier = H5Dcreate2(
      file.identifier, name, types.file, space, chdf5_default(), properties, chdf5_default())
    guard identifier >= 0 else { throw HDF5Failure.last() }
  }

  /// Adds rows and hands them to the system; a reader sees them from then on.
  mutating func append(_ values: UnsafeRawBufferPointer, rows count: Int) throws {
    // The library reads as many bytes as the rows have, whatever there is.
    guard values.count == count * rowBytes else {
      throw HDF5Failure("\(count) rows of \(rowBytes) bytes were to be written, and there are \(values.count) bytes")
    }
    let extent = [rows + hsize_t(count)] + rowShape
    guard H5Dset_extent(identifier, extent) >= 0 else { throw HDF5Failure.last() }
    let target = H5Dget_space(identifier)
    guard target >= 0 else { throw HDF5Failure.last() }
    defer { H5Sclose(target) }
    let (start, block) = ([rows] + rowShape.map { _ in 0 }, [hsize_t(count)] + rowShape)
    let source = H5Screate_simple(Int32(block.count), block, nil)
    guard source >= 0 else { throw HDF5Failure.last() }
    defer { H5Sclose(source) }
    guard H5Sselect_hyperslab(target, H5S_SELECT_SET, start, nil, block, nil) >= 0,
      H5Dwrite(identifier, element.types.memory, source, target, chdf5_default(), values.baseAddress) >= 0,
      H5Dflush(identifier) >= 0
    else { throw HDF5Failure.last() }
    rows += hsize_t(count)
  }

  func close() { H5Dclose(identifier) }
}
