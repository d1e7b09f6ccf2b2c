import Arrays
import Files
import Glibc

/// Measurements as HDF5: what a run records, of which several files may belong together, and what is written at once.
struct MeasurementHDF5 {
  let paths: [String]

  func read() throws -> Measurements {
    try HDF5Library.exclusively {
      let files = try paths.map { try HDF5File(reading: $0) }
      for file in files { try checkSchema(of: file) }
      if let file = files.first, file.hasDataset("patterns") { return try EarlierMeasurements(file: file).read() }
      return try RecordedSeries(files.map { try RecordedFrames($0) }).measurements()
    }
  }

  private func checkSchema(of file: HDF5File) throws {
    guard let schema = try file.numbers("schema"), schema.count == 1 else {
      throw file.malformed("attribute schema", "the number \(Measurements.fileSchema)")
    }
    guard (1...Double(Measurements.fileSchema)).contains(schema[0]) else {
      throw file.malformed(
        "attribute schema",
        "1 to \(Measurements.fileSchema), found \(schema[0]); use the version of the program that wrote it")
    }
  }

  /// The library writes a temporary file, whose bytes then replace the target safely.
  func write(_ measurements: Measurements, to path: String) throws {
    let temporary = try AtomicFile.scratchPath(for: path)
    defer { unlink(temporary) }
    try HDF5Library.exclusively {
      let file = try HDF5File(creating: temporary, named: path)
      try file.write(datasetsOf: measurements)
      try file.write(attributesOf: measurements)
      try file.flush()
    }
    try AtomicFile.write(AtomicFile.read(temporary, limit: .max), to: path)
  }
}

extension HDF5File {
  fileprivate func write(datasetsOf measurements: Measurements) throws {
    let (patterns, repeats) = (measurements.patterns, measurements.repeats)
    let first = patterns[0]
    try write(
      patterns.flatMap(\.values), shape: [patterns.count, first.count, first.height, first.width], as: "layers")
    try write(Array(patterns.indices) + repeats.map(\.frame), as: "layer_index")
    let (inputs, seconds) = (measurements.inputs, repeats.map(\.second))
    // One image stands for all frames, the repeated ones included.
    let images =
      inputs.count == 1 || repeats.isEmpty
      ? inputs : Stack(joining: [inputs] + repeats.map { inputs.planes(at: [$0.frame]) })
    for (name, stack) in [("inputs", images), ("frames", Stack(joining: [measurements.frames] + seconds))] {
      try write(stack.values, shape: [stack.count, stack.height, stack.width], as: name)
    }
    let uses = patterns.indices.map { measurements.heldOut.contains($0) ? FrameUse.heldOut : .fitted }
    try write((uses + repeats.map { _ in .repeated }).map(\.rawValue), as: "use")
    try write(Array(repeating: 0, count: patterns.count + repeats.count), as: "series")
  }

  fileprivate func write(attributesOf measurements: Measurements) throws {
    try write([Measurements.fileSchema], attribute: "schema")
    try write([measurements.block], attribute: "block")
    for entry in measurements.camera.entries { try write([entry.value], attribute: "camera.\(entry.name)") }
    try write(measurements.orientation.rawValue, attribute: "orientation")
    try write(measurements.date, attribute: "date")
    try write(measurements.bench, attribute: "bench")
  }
}

/// Schema 1 of a measurement: a dataset `patterns` with a pattern for each frame, and the held-out frames in an attribute.
private struct EarlierMeasurements {
  let file: HDF5File

  func read() throws -> Measurements {
    guard let block = try file.wholeNumbers("block")?.first else {
      throw file.malformed("attribute block", "this attribute, which is missing")
    }
    var camera = MeasuredCamera()
    for entry in MeasuredCamera.names { camera[keyPath: entry.path] = try file.numbers("camera.\(entry.name)")?.first }
    return Measurements(
      patterns: try patterns(), inputs: try stack("inputs"), frames: try stack("frames"), block: block,
      heldOut: try file.wholeNumbers("heldOut") ?? [], camera: camera,
      orientation: try Measurements.orientation(try file.text("orientation")) {
        file.malformed("attribute orientation", $0)
      }, date: try file.text("date") ?? "", bench: try file.text("bench") ?? "")
  }

  private func stack(_ name: String) throws -> Stack<Double> {
    let (shape, values) = try file.dataset(name)
    guard shape.count == 2 || shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw file.malformed(
        "dataset \(name)", "[height, width] or [count, height, width] without zeros, found \(shape)")
    }
    return Stack(
      count: shape.count == 3 ? shape[0] : 1, height: shape[shape.count - 2], width: shape[shape.count - 1],
      values: values)
  }

  private func patterns() throws -> [Stack<Double>] {
    let (shape, values) = try file.dataset("patterns")
    guard shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
      throw file.malformed("dataset patterns", "[frames, layers, grid, grid] without zeros, found \(shape)")
    }
    let size = shape[1] * shape[2] * shape[3]
    return (0..<shape[0]).map { frame in
      Stack(
        count: shape[1], height: shape[2], width: shape[3], values: Array(values[frame * size..<(frame + 1) * size]))
    }
  }
}
