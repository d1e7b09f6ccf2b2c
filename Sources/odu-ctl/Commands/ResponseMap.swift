import ArgumentParser
import Arrays
import Files
import Foundation

struct ResponseMap: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Turns an 8-bit correction map of a panel into phases, and phases into such a map.",
    discussion: """
      Vendors give maps of levels that flatten a panel when they are added to every pattern, modulo the level at which a turn is \
      complete. That level is not in the file and has to be given: 256 when the map uses all levels for a turn.

      Examples:
        odu-ctl response map correction.bmp --turn 256 --output correction.npy
        odu-ctl response map correction.npy --turn 213 --output correction.png
      """)

  @Argument(
    help: ArgumentHelp(
      "An 8-bit greyscale PNG or BMP, or phases in radians, float32 or float64 .npy [height, width].", valueName: "file"
    ),
    completion: .file())
  var map: String
  @Option(help: ArgumentHelp("The level at which a turn is complete; levels below it show less.", valueName: "level"))
  var turn: Int
  @Option(
    help: ArgumentHelp("Phases when the name ends in .npy, else an 8-bit PNG or BMP.", valueName: "file"),
    completion: .file())
  var output: String
  @OptionGroup var printing: OutputOptions

  private struct Summary: Encodable {
    var output: String
    var shape: [Int]
  }

  func validate() throws {
    guard (2...256).contains(turn) else { throw ValidationError("--turn must be in 2…256, not \(turn).") }
  }

  func run() async throws {
    let destination = try OutputFiles(output, besides: printing)
    let bytes = try AtomicFile.read(map)
    let phases: CorrectionMap
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      phases = try CorrectionMap(npy: NPY.decode(bytes, source: map), source: map)
    } else {
      phases = try CorrectionMap(picture: bytes, source: map, turn: turn)
    }
    switch URL(fileURLWithPath: output).pathExtension.lowercased() {
    case "npy":
      try AtomicFile.write(
        NPY.encode(NPYArray(shape: [phases.height, phases.width], elements: .float32(phases.values))), to: output)
    case "png":
      try PNG.write(gray8: phases.levels(turn: turn), width: phases.width, height: phases.height, to: output)
    case "bmp":
      try AtomicFile.write(
        BMP.encode(gray8: phases.levels(turn: turn), width: phases.width, height: phases.height), to: output)
    default: throw ValidationError("--output must end in .npy, .png or .bmp, not \(output).")
    }
    let shape = [phases.height, phases.width]
    try destination.print(Summary(output: output, shape: shape), printing) { "\(output): \(shape)" }
  }
}

/// The phases of a panel's pixels in radians.
struct CorrectionMap: Equatable {
  var values: [Float]
  var width: Int
  var height: Int

  /// - Throws: `FilesError` for anything but 8-bit greyscale, and when a level is beyond the turn.
  init(picture bytes: [UInt8], source: String, turn: Int) throws {
    let image =
      bytes.starts(with: Array("BM".utf8))
      ? try BMP.decode(gray8: bytes, source: source) : try PNG.decode(gray8: bytes, source: source)
    if let place = image.pixels.firstIndex(where: { Int($0) >= turn }) {
      throw FilesError.malformed(
        file: source, place: "pixel (\(place % image.width), \(place / image.width))",
        expected: "levels below that of a whole turn, \(turn), found \(image.pixels[place])")
    }
    (width, height) = (image.width, image.height)
    values = image.pixels.map { Float(2 * Double.pi * Double($0) / Double(turn)) }
  }

  init(npy array: NPYArray, source: String) throws {
    let stack = try Stack<Float>(npy: array)
    guard stack.count == 1 else {
      throw FilesError.malformed(file: source, place: "shape", expected: "[height, width]")
    }
    (values, width, height) = (stack.values, stack.width, stack.height)
  }

  /// Wrapped to a turn and rounded to the nearest level.
  func levels(turn: Int) -> [UInt8] {
    values.map { phase in
      let turns = Double(phase) / (2 * .pi)
      return UInt8(Int(((turns - turns.rounded(.down)) * Double(turn)).rounded()) % turn)
    }
  }
}
