import Arrays
import CHDF5
import Files
import Glibc
import HDF5Library

/// The HDF5 file of a recording while it is written. All of it happens inside `HDF5Library.exclusively`.
struct RecordingFile {
  /// The version of the file's form, its attribute `schema`.
  static let schema = 1
  /// What stands in `/sequence` where a block was not written to its end.
  static let unwritten = UInt64.max

  private let identifier: hid_t
  private var layers, layerIndex, inputs, frames, exposureStart, presented, step, sequence: RecordingDataset
  private var layerRows: UInt64 = 0

  /// The file gets its name when readers can open it, so that there is none that they cannot.
  init(path: String, attributes: RecordingAttributes, shapes: RecordingShapes) throws {
    let temporary = try AtomicFile.scratchPath(for: path)
    let file = try Self.create(temporary)
    do {
      try Self.write(attributes, to: file)
      func images(_ name: String, _ shape: [Int]) throws -> RecordingDataset {
        try RecordingDataset(name, in: file, element: .float32, rowShape: shape, missing: Float.nan)
      }
      func numbers(_ name: String, missing: UInt64 = 0) throws -> RecordingDataset {
        try RecordingDataset(name, in: file, element: .uint64, rowShape: [], missing: missing)
      }
      layers = try images("layers", shapes.layers)
      layerIndex = try numbers("layer_index")
      inputs = try images("inputs", shapes.input)
      frames = try images("frames", shapes.frame)
      exposureStart = try numbers("exposure_start")
      presented = try numbers("presented")
      step = try RecordingDataset("step", in: file, element: .int64, rowShape: [], missing: Int64(-1))
      sequence = try numbers("sequence", missing: Self.unwritten)
      guard H5Fstart_swmr_write(file) >= 0, H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0 else { throw HDF5Failure.last() }
      guard rename(temporary, path) == 0 else { throw HDF5Failure(String(cString: strerror(errno))) }
    } catch {
      H5Fclose(file)
      unlink(temporary)
      throw error
    }
    identifier = file
  }

  private static func create(_ path: String) throws -> hid_t {
    let access = H5Pcreate(chdf5_file_access())
    defer { H5Pclose(access) }
    // Whatever is still open is closed with the file, also where a failure left it behind.
    guard H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0,
      H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0
    else { throw HDF5Failure.last() }
    let file = H5Fcreate(path, chdf5_truncate(), chdf5_default(), access)
    guard file >= 0 else {
      let failure = HDF5Failure.last()
      // The library may have made it before it failed.
      unlink(path)
      throw failure
    }
    return file
  }

  private static func write(_ attributes: RecordingAttributes, to file: hid_t) throws {
    try write(Int64(schema), chdf5_little_int64(), chdf5_native_int64(), as: "schema", to: file)
    try write(attributes.clockOffset, chdf5_little_int64(), chdf5_native_int64(), as: "clock_offset", to: file)
    if let seed = attributes.seed {
      try write(seed, chdf5_little_uint64(), chdf5_native_uint64(), as: "seed", to: file)
    }
    let text = H5Tcopy(chdf5_c_string())
    defer { H5Tclose(text) }
    guard H5Tset_size(text, chdf5_variable_length()) >= 0, H5Tset_cset(text, H5T_CSET_UTF8) >= 0 else {
      throw HDF5Failure.last()
    }
    for (name, value) in attributes.texts {
      try value.withCString { try write($0, text, text, as: name, to: file) }
    }
  }

  private static func write<Value: BitwiseCopyable>(
    _ value: Value, _ stored: hid_t, _ type: hid_t, as name: String, to file: hid_t
  ) throws {
    let space = H5Screate(H5S_SCALAR)
    defer { H5Sclose(space) }
    let attribute = H5Acreate2(file, name, stored, space, chdf5_default(), chdf5_default())
    guard attribute >= 0 else { throw HDF5Failure.last() }
    defer { H5Aclose(attribute) }
    guard withUnsafePointer(to: value, { H5Awrite(attribute, type, $0) }) >= 0 else { throw HDF5Failure.last() }
  }

  /// Adds layers, which the images after them were measured with.
  mutating func append(layers stack: Stack<Float>) throws {
    try stack.values.withUnsafeBytes { try layers.append($0, rows: 1) }
    layerRows += 1
  }

  /// Adds images. Their sequence numbers come last: what has one is whole.
  mutating func append(
    inputs inputStack: Stack<Float>, frames frameStack: Stack<Float>, timings: [ImageTiming], step number: Int?
  ) throws {
    let count = timings.count
    let indices = [UInt64](repeating: layerRows - 1, count: count)
    let steps = [Int64](repeating: number.map { Int64($0) } ?? -1, count: count)
    try inputStack.values.withUnsafeBytes { try inputs.append($0, rows: count) }
    try frameStack.values.withUnsafeBytes { try frames.append($0, rows: count) }
    try indices.withUnsafeBytes { try layerIndex.append($0, rows: count) }
    try timings.map(\.exposureStart).withUnsafeBytes { try exposureStart.append($0, rows: count) }
    try timings.map(\.presented).withUnsafeBytes { try presented.append($0, rows: count) }
    try steps.withUnsafeBytes { try step.append($0, rows: count) }
    try timings.map(\.sequence).withUnsafeBytes { try sequence.append($0, rows: count) }
  }

  /// Whether everything reached the system.
  func close() throws {
    for dataset in [layers, layerIndex, inputs, frames, exposureStart, presented, step, sequence] { dataset.close() }
    guard H5Fclose(identifier) >= 0 else { throw HDF5Failure.last() }
  }
}
