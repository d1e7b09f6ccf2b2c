import ArgumentParser
import Arrays
import BenchAPI
import BenchClient
import BenchFile
import Calibration
import Files
import Foundation
import Measurements
import Twin

struct TwinMeasure: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure", abstract: "Takes the frames that a fit of the twin needs.",
    discussion: """
      The layers show random squares, of phase pi or of random grey levels. With --socket a running daemon is \
      used; otherwise the command runs one of its own for the duration.

      Example: odu-ctl twin measure --bench simulated --output frames
      """)

  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String
  @Option(help: ArgumentHelp("The Unix socket of a daemon running this bench.", valueName: "path"))
  var socket: String?
  @Option(help: ArgumentHelp("The folder, or a file that ends in .h5 or .hdf5.", valueName: "path"))
  var output: String
  @Option(help: ArgumentHelp("Frames to take.", valueName: "count"))
  var frames = 24
  @Option(help: ArgumentHelp("How many of them, the last ones, are marked as held out.", valueName: "count"))
  var heldOut = 8
  @Option(help: ArgumentHelp("How many show grey levels (default: half of them).", valueName: "count"))
  var greyLevels: Int?
  @Option(help: ArgumentHelp("Seed of the patterns.", valueName: "number"))
  var seed: UInt64 = 1
  @OptionGroup var computing: ThreadsOption
  @OptionGroup var printing: OutputOptions

  struct Answer: Encodable {
    var output: String
    var shape: [Int]
    var heldOut: Int
    /// The part of the light with which no sample was clipped.
    var light: Double
  }

  func validate() throws {
    guard (1...4096).contains(frames) else { throw ValidationError("--frames must be in 1…4096, not \(frames).") }
    guard (0..<frames).contains(heldOut) else {
      throw ValidationError("--held-out must be in 0…\(frames - 1), not \(heldOut).")
    }
    if let greyLevels, !(0...frames).contains(greyLevels) {
      throw ValidationError("--grey-levels must be in 0…\(frames), not \(greyLevels).")
    }
  }

  func run() async throws {
    try Measurements.requireWritable(output)
    let file = try BenchFile.load(path: bench)
    let geometry = file.twin.geometry
    let patterns = SquarePatterns(layers: geometry.layers, grid: geometry.grid)
      .series(frames, seed: seed, grey: greyLevels)
    let size = file.twin.input.size
    let (taken, light) = try await interruptible {
      if let socket {
        let client = BenchClient(socket: socket, leaseToken: ConnectionOptions.leaseToken)
        return try await acquire(patterns, size: size, from: client)
      }
      return try await PrivateDaemon.run(bench: bench, threads: computing.threads) { daemon in
        try await acquire(patterns, size: size, from: daemon.client)
      }
    }
    try Measurements(
      patterns: patterns.map { $0.converted() },
      inputs: Stack(count: 1, height: size, width: size, repeating: Double(light)), frames: taken, block: 1,
      heldOut: Array(frames - heldOut..<frames), camera: CameraSettings(saturation: Self.clipped),
      orientation: file.devices?.layout.camera.orientation ?? .upright,
      date: Date.now.formatted(.iso8601), bench: bench
    ).write(to: output)
    let answer = Answer(
      output: output, shape: [taken.count, taken.height, taken.width], heldOut: heldOut, light: Double(light))
    try printing.print(answer) { "\(output): \(taken.count) frames, \(heldOut) of them held out" }
  }

  /// The value at which a bench's frames clip, whatever its camera.
  private static let clipped = 1.0

  /// Takes all frames, with less light when one of them is clipped.
  private func acquire(
    _ patterns: [Stack<Float>], size: Int, from client: BenchClient
  ) async throws -> (frames: Stack<Double>, light: Float) {
    let name = "twin-measure-\(UInt64.random(in: 0..<UInt64.max))"
    var light: Float = 1
    do {
      while true {
        let input = Stack<Float>(count: 1, height: size, width: size, repeating: light)
        try await client.put(array: name + "-inputs", npy: NPY.encode(NPYArray(input)))
        if let taken = try await acquire(patterns, name, from: client) {
          await remove(name, from: client)
          return (taken, light)
        }
        light *= 0.8
        guard light > 0.1 else { throw CalibrationError.saturated }
      }
    } catch {
      await remove(name, from: client)
      throw error
    }
  }

  /// - Returns: nil when a sample is clipped.
  private func acquire(
    _ patterns: [Stack<Float>], _ name: String, from client: BenchClient
  ) async throws -> Stack<Double>? {
    var bar = ProgressBar()
    defer { bar.finishPhase() }
    var values: [Double] = []
    var shape = (height: 0, width: 0)
    for (index, pattern) in patterns.enumerated() {
      try Task.checkCancellation()
      try await client.put(array: name + "-layers", npy: NPY.encode(NPYArray(pattern)))
      let bytes = try await client.measure(
        MeasureRequest(layers: name + "-layers", inputs: name + "-inputs", block: 1))
      let frame = try Stack<Double>(npy: NPY.decode(bytes, source: "the daemon's answer"))
      if frame.values.contains(where: { $0 >= Self.clipped }) { return nil }
      shape = (frame.height, frame.width)
      values += frame.values
      bar.show(JobProgress(phase: "measure", completed: index + 1, total: patterns.count))
    }
    return Stack(count: patterns.count, height: shape.height, width: shape.width, values: values)
  }

  private func remove(_ name: String, from client: BenchClient) async {
    for suffix in ["-layers", "-inputs"] { try? await client.delete(array: name + suffix) }
  }
}
