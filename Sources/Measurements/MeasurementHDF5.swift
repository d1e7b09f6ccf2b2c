import Arrays
import Files
import Glibc
import HDF5Library

/// Measurements as one HDF5 file: datasets `patterns`, `inputs` and `frames`, everything else attributes of the root with
/// the names of `index.yaml`; those of the camera begin with `camera.`.
struct MeasurementHDF5 {
  let path: String

  func read() throws -> Measurements {
    try HDF5Library.exclusively {
      let file = try HDF5(reading: path)
      guard let schema = try file.numbers("schema"), schema.count == 1 else {
        throw file.malformed("attribute schema", "the number \(Measurements.schema)")
      }
      guard schema[0] == Double(Measurements.schema) else {
        throw file.malformed(
          "attribute schema",
          "\(Measurements.schema), found \(schema[0]); use the version of the program that wrote it")
      }
      guard let block = try file.numbers("block")?.first else {
        throw file.malformed("attribute block", "this attribute, which is missing")
      }
      var camera = CameraSettings()
      for entry in CameraSettings.names {
        camera[keyPath: entry.path] = try file.numbers("camera.\(entry.name)")?.first
      }
      return Measurements(
        patterns: try patterns(in: file), inputs: try stack("inputs", in: file), frames: try stack("frames", in: file),
        block: try whole(block, "block", in: file),
        heldOut: try (file.numbers("heldOut") ?? []).map { try whole($0, "heldOut", in: file) }, camera: camera,
        orientation: try Measurements.orientation(try file.text("orientation")) {
          file.malformed("attribute orientation", $0)
        },
        date: try file.text("date") ?? "", bench: try file.text("bench") ?? "")
    }
  }

  /// The library writes a temporary file, whose bytes then replace the target safely.
  func write(_ measurements: Measurements) throws {
    let temporary = try AtomicFile.scratchPath(for: path)
    defer { unlink(temporary) }
    try HDF5Library.exclusively {
      let file = try HDF5(creating: temporary, named: path)
      let first = measurements.patterns[0]
      try file.write(
        measurements.patterns.flatMap(\.values),
        shape: [measurements.patterns.count, first.count, first.height, first.width], as: "patterns")
      for (name, stack) in [("inputs", measurements.inputs), ("frames", measurements.frames)] {
        try file.write(stack.values, shape: [stack.count, stack.height, stack.width], as: name)
      }
      try file.write([Measurements.schema], attribute: "schema")
      try file.write([measurements.block], attribute: "block")
      try file.write(measurements.heldOut, attribute: "heldOut")
      for entry in measurements.camera.entries { try file.write([entry.value], attribute: "camera.\(entry.name)") }
      try file.write(measurements.orientation.rawValue, attribute: "orientation")
      try file.write(measurements.date, attribute: "date")
      try file.write(measurements.bench, attribute: "bench")
      try file.flush()
    }
    try AtomicFile.write(AtomicFile.read(temporary, limit: .max), to: path)
  }

  private func whole(_ value: Double, _ name: String, in file: HDF5) throws -> Int {
    guard let whole = Int(exactly: value) else {
      throw file.malformed("attribute \(name)", "whole numbers, found \(value)")
    }
    return whole
  }

  private func stack(_ name: String, in file: HDF5) throws -> Stack<Double> {
    let (shape, values) = try file.dataset(name)
    guard shape.count == 2 || shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw file.malformed(
        "dataset \(name)", "[height, width] or [count, height, width] without zeros, found \(shape)")
    }
    return Stack(
      count: shape.count == 3 ? shape[0] : 1, height: shape[shape.count - 2], width: shape[shape.count - 1],
      values: values)
  }

  private func patterns(in file: HDF5) throws -> [Stack<Double>] {
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
