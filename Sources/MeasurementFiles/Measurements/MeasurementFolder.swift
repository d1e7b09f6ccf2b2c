import Arrays
import Files
import Glibc
import Yams

/// Measurements as a folder: `index.yaml` and the arrays that it names.
struct MeasurementFolder {
  let path: String

  /// What stands in `index.yaml`.
  struct Index: Codable {
    var schema: Int
    /// One file of `[frames, layers, grid, grid]`, or one of `[layers, grid, grid]` for each frame.
    var patterns: FileNames
    var inputs: String
    var frames: String
    var block: Int
    var heldOut: [Int]?
    /// One file of `[repeats, height, width]`, and the frame of which each is the second.
    var repeats: String?
    var repeatsOf: [Int]?
    var camera: MeasuredCamera?
    var orientation: String?
    var date: String?
    var bench: String?

    static let keys = [
      "schema", "patterns", "inputs", "frames", "block", "heldOut", "repeats", "repeatsOf", "camera", "orientation",
      "date", "bench",
    ]
  }

  /// A name, or a list of names.
  enum FileNames: Codable {
    case one(String)
    case several([String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let names = try? container.decode([String].self) {
        self = .several(names)
      } else {
        self = .one(try container.decode(String.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .one(let name): try container.encode(name)
      case .several(let names): try container.encode(names)
      }
    }
  }

  private var indexPath: String { path + "/index.yaml" }

  var isIndexed: Bool { AtomicFile.exists(indexPath) }

  func read() throws -> Measurements {
    let index = try readIndex()
    let patterns: [Stack<Double>]
    switch index.patterns {
    case .one(let name): patterns = try array(name).stacks()
    case .several(let names): patterns = try names.map { try array($0).stack() }
    }
    return Measurements(
      patterns: patterns, inputs: try array(index.inputs).stack(), frames: try array(index.frames).stack(),
      block: index.block, heldOut: index.heldOut ?? [], repeats: try repeats(index),
      camera: index.camera ?? MeasuredCamera(),
      orientation: try Measurements.orientation(index.orientation) { malformed("orientation", $0) },
      date: index.date ?? "", bench: index.bench ?? "")
  }

  private func repeats(_ index: Index) throws -> [Measurements.Repeat] {
    guard let name = index.repeats else { return [] }
    let (seconds, frames) = (try array(name).stack(), index.repeatsOf ?? [])
    guard seconds.count == frames.count else {
      throw malformed(
        "repeatsOf", "the number of a frame for each of the \(seconds.count) repeats, found \(frames.count)")
    }
    return frames.indices.map { Measurements.Repeat(of: frames[$0], frame: seconds.planes(at: [$0])) }
  }

  /// An old index goes first, then come the arrays, and the new index last: a folder with an index is whole.
  func write(_ measurements: Measurements) throws {
    try AtomicFile.makeFolder(path)
    try AtomicFile.remove(indexPath)
    let (first, values) = (measurements.patterns[0], measurements.patterns.flatMap(\.values))
    try NPY.write(
      NPYArray(
        shape: [measurements.patterns.count, first.count, first.height, first.width], elements: .float64(values)),
      to: path + "/patterns.npy")
    try NPY.write(NPYArray(measurements.inputs), to: path + "/inputs.npy")
    try NPY.write(NPYArray(measurements.frames), to: path + "/frames.npy")
    let seconds = measurements.repeats
    if !seconds.isEmpty { try NPY.write(NPYArray(Stack(joining: seconds.map(\.second))), to: path + "/repeats.npy") }
    let index = Index(
      schema: Measurements.indexSchema, patterns: .one("patterns.npy"), inputs: "inputs.npy", frames: "frames.npy",
      block: measurements.block, heldOut: measurements.heldOut,
      repeats: seconds.isEmpty ? nil : "repeats.npy", repeatsOf: seconds.isEmpty ? nil : seconds.map(\.frame),
      camera: measurements.camera,
      orientation: measurements.orientation.rawValue,
      date: measurements.date.isEmpty ? nil : measurements.date,
      bench: measurements.bench.isEmpty ? nil : measurements.bench)
    let text = try YAMLEncoder().encode(index)
    try AtomicFile.write(Array(text.utf8), to: indexPath)
  }

  private func readIndex() throws -> Index {
    let text = String(decoding: try AtomicFile.read(indexPath, limit: 1 << 24), as: UTF8.self)
    let index: Index
    do {
      guard let mapping = try Yams.compose(yaml: text)?.mapping else {
        throw malformed("line 1", "keys with values, as `frames: frames.npy`")
      }
      try refuse(mapping, otherThan: Index.keys, under: "")
      if let camera = mapping["camera"]?.mapping {
        try refuse(camera, otherThan: MeasuredCamera.names.map(\.name), under: "camera.")
      }
      // The schema first: an index of another one may look different.
      if let found = mapping["schema"]?.int, found != Measurements.indexSchema {
        throw malformed(
          "schema", "\(Measurements.indexSchema), found \(found); use the version of the program that wrote it")
      }
      index = try YAMLDecoder().decode(Index.self, from: text)
    } catch let error as DecodingError {
      throw malformed(error.place, error.expectation)
    } catch let error as YamlError {
      throw malformed("YAML", "YAML without mistakes; \(error)")
    }
    return index
  }

  private func refuse(_ mapping: Node.Mapping, otherThan known: [String], under parent: String) throws {
    for key in mapping.keys {
      guard let name = key.string, known.contains(name) else {
        let line = key.mark.map { ", line \($0.line)" } ?? ""
        throw malformed("key \(parent)\(key.string ?? "?")\(line)", "one of \(known.joined(separator: ", "))")
      }
    }
  }

  private func array(_ name: String) throws -> NPYArray {
    guard !name.isEmpty, !name.contains("/"), name != "..", name != "." else {
      throw malformed("file name \"\(name)\"", "the name of a file in the folder")
    }
    return try NPY.read(path + "/" + name)
  }

  private func malformed(_ place: String, _ expected: String) -> FilesError {
    .malformed(file: indexPath, place: place, expected: expected)
  }
}

extension NPYArray {
  /// Planes of any real type.
  fileprivate func stack() throws -> Stack<Double> {
    let shape = try stackShape()
    return Stack(count: shape.count, height: shape.height, width: shape.width, values: try doubles())
  }

  /// `[frames, layers, grid, grid]`, one stack for each frame.
  fileprivate func stacks() throws -> [Stack<Double>] {
    guard shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
      throw FilesError.malformed(
        file: source, place: "shape", expected: "[frames, layers, grid, grid] without zeros, found \(shape)")
    }
    let values = try doubles()
    let size = shape[1] * shape[2] * shape[3]
    return (0..<shape[0]).map { frame in
      Stack(
        count: shape[1], height: shape[2], width: shape[3], values: Array(values[frame * size..<(frame + 1) * size]))
    }
  }

  private func doubles() throws -> [Double] {
    try requireFinite()
    switch elements {
    case .float32(let values): return values.map { Double($0) }
    case .float64(let values): return values
    case .uint8(let values): return values.map { Double($0) }
    case .uint16(let values): return values.map { Double($0) }
    case .int32(let values): return values.map { Double($0) }
    case .int64(let values): return values.map { Double($0) }
    case .complex64, .complex128:
      throw FilesError.malformed(file: source, place: "dtype", expected: "real numbers, found \(elements.typeName)")
    }
  }
}

extension DecodingError {
  fileprivate var place: String {
    let (context, last): (Context, String?) =
      switch self {
      case .keyNotFound(let key, let context): (context, key.stringValue)
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context, nil)
      @unknown default: (Context(codingPath: [], debugDescription: ""), nil)
      }
    return (context.codingPath.map(\.stringValue) + (last.map { [$0] } ?? [])).joined(separator: ".")
  }

  fileprivate var expectation: String {
    switch self {
    case .keyNotFound: "this key, which is missing"
    case .typeMismatch(let type, _), .valueNotFound(let type, _): "a value of type \(type)"
    case .dataCorrupted(let context): context.debugDescription
    @unknown default: "another value"
    }
  }
}
