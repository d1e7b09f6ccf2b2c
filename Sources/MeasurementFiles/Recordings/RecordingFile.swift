import Arrays
import CHDF5
import Files
import Glibc
import Measuring

/// The HDF5 file of a recording while it is written. All of it happens inside `HDF5Library.exclusively`.
struct RecordingFile {
  /// What stands in `/sequence` where a block was not written to its end.
  static let unwritten = UInt64.max
  /// Rows of a chunk of what few readers want: short recordings stay small.
  private static let fewRows = 256

  private let file: HDF5File
  private var layers, layerIndex, inputs, frames, exposureStart, presented, step, series, use, sequence: GrowingDataset
  /// How it came about: what ``Exposure`` says besides.
  private var exposureEnd, settled, evidence, bound, rejected, clipped: GrowingDataset
  private var layerRows: UInt64 = 0

  /// The file gets its name when readers can open it, so that there is none that they cannot.
  init(path: String, attributes: RecordingAttributes, shapes: RecordingShapes) throws {
    let temporary = try AtomicFile.scratchPath(for: path)
    let file = try HDF5File(growing: temporary)
    do {
      try file.write(attributes)
      func images(_ name: String, _ shape: [Int]) throws -> GrowingDataset {
        try GrowingDataset(name, in: file, element: .float32, rowShape: shape, missing: Float.nan)
      }
      func numbers(_ name: String, missing: UInt64 = 0, chunkRows: Int = 4096) throws -> GrowingDataset {
        try GrowingDataset(name, in: file, element: .uint64, rowShape: [], missing: missing, chunkRows: chunkRows)
      }
      func signed(_ name: String, missing: Int64, chunkRows: Int = 4096) throws -> GrowingDataset {
        try GrowingDataset(name, in: file, element: .int64, rowShape: [], missing: missing, chunkRows: chunkRows)
      }
      layers = try images("layers", shapes.layers)
      layerIndex = try numbers("layer_index")
      inputs = try images("inputs", shapes.input)
      frames = try images("frames", shapes.frame)
      exposureStart = try numbers("exposure_start")
      presented = try numbers("presented")
      exposureEnd = try numbers("exposure_end", chunkRows: Self.fewRows)
      settled = try numbers("settled", chunkRows: Self.fewRows)
      evidence = try signed("evidence", missing: EvidenceCode.unknown, chunkRows: Self.fewRows)
      bound = try numbers("evidence_bound", chunkRows: Self.fewRows)
      rejected = try numbers("rejected", chunkRows: Self.fewRows)
      clipped = try numbers("clipped", chunkRows: Self.fewRows)
      step = try signed("step", missing: -1)
      series = try signed("series", missing: -1)
      use = try signed("use", missing: 0)
      sequence = try numbers("sequence", missing: Self.unwritten)
      try file.beginSharing()
      guard rename(temporary, path) == 0 else { throw HDF5Failure(String(cString: strerror(errno))) }
    } catch {
      try? file.close()
      unlink(temporary)
      throw error
    }
    self.file = file
  }

  /// Adds layers, which the images after them were measured with.
  mutating func append(layers stack: Stack<Float>) throws {
    try stack.values.withUnsafeBytes { try layers.append($0, rows: 1) }
    layerRows += 1
  }

  /// Adds images. Their sequence numbers come last: what has one is whole.
  mutating func append(
    inputs inputStack: Stack<Float>, frames frameStack: Stack<Float>, timings: [ImageTiming], step number: Int?,
    mark: FrameMark?
  ) throws {
    let count = timings.count
    func same<Value>(_ value: Value) -> [Value] { [Value](repeating: value, count: count) }
    try inputStack.values.withUnsafeBytes { try inputs.append($0, rows: count) }
    try frameStack.values.withUnsafeBytes { try frames.append($0, rows: count) }
    try same(layerRows - 1).withUnsafeBytes { try layerIndex.append($0, rows: count) }
    try timings.map(\.exposureStart).withUnsafeBytes { try exposureStart.append($0, rows: count) }
    try timings.map(\.presented).withUnsafeBytes { try presented.append($0, rows: count) }
    try append(timings.map(\.exposure))
    try same(Int64(number ?? -1)).withUnsafeBytes { try step.append($0, rows: count) }
    try same(Int64(mark?.series ?? -1)).withUnsafeBytes { try series.append($0, rows: count) }
    try same(Int64(mark?.use.rawValue ?? 0)).withUnsafeBytes { try use.append($0, rows: count) }
    try timings.map(\.sequence).withUnsafeBytes { try sequence.append($0, rows: count) }
  }

  private mutating func append(_ exposures: [Exposure?]) throws {
    func write<Value>(_ values: [Value], _ dataset: inout GrowingDataset) throws {
      try values.withUnsafeBytes { try dataset.append($0, rows: exposures.count) }
    }
    try write(exposures.map { $0?.end ?? 0 }, &exposureEnd)
    try write(exposures.map { $0?.settled ?? 0 }, &settled)
    try write(exposures.map { EvidenceCode.code(of: $0?.evidence) }, &evidence)
    try write(exposures.map { EvidenceCode.bound(of: $0?.evidence) }, &bound)
    try write(exposures.map { UInt64($0?.rejected ?? 0) }, &rejected)
    try write(exposures.map { UInt64($0?.clipped ?? 0) }, &clipped)
  }

  /// Whether everything reached the system.
  func close() throws {
    for dataset in [layers, layerIndex, inputs, frames, exposureStart, presented, step, series, use, sequence]
      + [exposureEnd, settled, evidence, bound, rejected, clipped]
    { dataset.close() }
    try file.close()
  }
}

extension HDF5File {
  func write(_ attributes: RecordingAttributes) throws {
    try write([Measurements.fileSchema], attribute: "schema")
    try write([Int(attributes.clockOffset)], attribute: "clock_offset")
    if let seed = attributes.seed { try write([seed], attribute: "seed") }
    if let block = attributes.block { try write([block], attribute: "block") }
    if let saturation = attributes.saturation { try write([saturation], attribute: "camera.saturation") }
    if let camera = attributes.camera {
      try write([camera.exposure], attribute: "camera.exposure")
      try write([camera.gain], attribute: "camera.gain")
      if let rate = camera.frameRate { try write([rate], attribute: "camera.frameRate") }
    }
    for (name, value) in attributes.texts { try write(value, attribute: name) }
  }
}
