import ArgumentParser
import BenchAPI
import BenchClient
import Files
import Foundation
import ReadableNumbers

struct CameraGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "camera", abstract: "Takes camera frames, and shows those taken by others.",
    subcommands: [CameraGrab.self, CameraLatest.self, CameraHistogram.self, CameraLive.self])
}

/// The file for one frame.
struct FrameOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var output = "frame.npy"
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws { _ = try pictureFormat(of: output) }

  /// Writes the frame that `take` gets from the daemon.
  func write(_ take: (BenchClient, BenchClient.FrameFormat) async throws -> [UInt8]) async throws {
    let file = try OutputFiles(output, besides: printing)
    let bytes = try await take(connection.client, pictureFormat(of: output))
    try AtomicFile.write(bytes, to: output)
    try file.print(WrittenFile(output: output, bytes: bytes.count), printing) { output }
  }
}

struct CameraGrab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grab", abstract: "Takes one frame: uint16 .npy, or a 16-bit PNG when the name ends in .png.",
    discussion: """
      The .npy file holds the camera's own numbers. In the PNG they are scaled to 16 bits, and full scale is white \
      in every viewer; its chunk sBIT gives the camera's bits, and a shift to the right by the rest gives its numbers back.

      Example: odu-ctl camera grab --output frame.png
      """)

  @OptionGroup var frame: FrameOptions

  func run() async throws { try await frame.write { try await $0.frame(as: $1) } }
}

struct CameraLatest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latest",
    abstract: "Writes the newest frame, whatever made it: uint16 .npy, or an 8-bit PNG when the name ends in .png.",
    discussion: "It disturbs nothing, and works while a job runs.\n\nExample: odu-ctl camera latest --output frame.png")

  @OptionGroup var frame: FrameOptions

  func run() async throws { try await frame.write { try await $0.latestFrame(as: $1) } }
}

struct CameraHistogram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "histogram", abstract: "How bright the pixels of the newest frame are.",
    discussion: "Example: odu-ctl camera histogram")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  private static let lines = 16

  func run() async throws {
    let histogram = try await connection.client.histogram()
    try output.print(histogram) { text(histogram) }
  }

  private func text(_ histogram: FrameHistogram) -> String {
    let each = max(1, histogram.bins.count / Self.lines)
    let counts = stride(from: 0, to: histogram.bins.count, by: each).map { first in
      histogram.bins[first..<min(first + each, histogram.bins.count)].reduce(0, +)
    }
    let terminal = Terminal.standardOutput
    let space = max(10, min(60, terminal.width - 30))
    let most = max(1, counts.max() ?? 1)
    let step = (Double(histogram.fullScale) + 1) / Double(counts.count)
    let rows = counts.enumerated().map { index, count in
      let bar = String(repeating: "━", count: (count * space + most - 1) / most)
      return ["from \(Int(Double(index) * step))", "\(count)", terminal.accented(bar)]
    }
    return """
      frame \(histogram.number), \(histogram.width) x \(histogram.height) pixels: mean \(number(histogram.mean)), \
      largest \(histogram.largest) of \(histogram.fullScale), \(histogram.saturated) saturated
      \(table(["LEVEL", "PIXELS", ""], rows, empty: ""))
      """
  }
}

struct CameraLive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live", abstract: "Writes frames to a folder as they arrive, until Ctrl-C or --count of them.",
    discussion: """
      It disturbs nothing. While the bench is idle, the daemon takes frames for its followers.

      Example: odu-ctl camera live --output frames --count 20 --rate 2
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case npy, png }

  @Option(help: ArgumentHelp("The folder; created if necessary.", valueName: "dir"), completion: .directory)
  var output: String
  @Option(help: ArgumentHelp("The number of frames (default: unlimited).", valueName: "number"))
  var count: Int?
  @Option(help: ArgumentHelp("The highest number of frames per second.", valueName: "number"))
  var rate = 5.0
  @Option(help: "npy: uint16, as the camera gave it; png: 8 bits.")
  var format: Format = .npy
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  struct Recorded: Encodable {
    var output: String
    var files: [String]
  }

  func validate() throws {
    guard (0.1...30).contains(rate) else { throw ValidationError("--rate must be in 0.1…30, not \(rate).") }
    if let count, count < 1 { throw ValidationError("--count must be at least 1, not \(count).") }
  }

  func run() async throws {
    try AtomicFile.requireWritable(folder: output)
    try AtomicFile.makeFolder(output)
    let frames = connection.client.frames(as: format == .png ? .png : .npy, rate: rate)
    let files = try await interruptible { try await record(frames) }
    try printing.print(Recorded(output: output, files: files)) { "\(output): \(files.count) frames" }
  }

  /// The names of the files written. Without a count, an interruption is how it ends.
  private func record(_ frames: CameraFrames) async throws -> [String] {
    var files: [String] = []
    do {
      for try await frame in frames {
        let digits = String(frame.number)
        let name = "frame-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".\(format.rawValue)"
        try AtomicFile.write(frame.bytes, to: output + "/" + name)
        files.append(name)
        if files.count == count { return files }
      }
      try Task.checkCancellation()
    } catch is CancellationError where count == nil {
      return files
    }
    throw BenchClientError.disconnected(reason: "the frames ended after \(files.count); has the daemon ended?")
  }
}
