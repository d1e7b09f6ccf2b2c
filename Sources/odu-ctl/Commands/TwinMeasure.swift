import ArgumentParser
import Arrays
import BenchAPI
import BenchClient
import BenchFile
import Calibration
import DriverCatalogue
import Foundation
import MeasurementFiles
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
    let file = try BenchFile.load(path: bench, drivers: .standard)
    let geometry = file.twin.geometry
    let patterns = SquarePatterns(layers: geometry.layers, grid: geometry.grid)
      .series(frames, seed: seed, grey: greyLevels)
    let size = file.twin.input.size
    let plan = FramePlan(
      patterns: patterns, input: Stack(count: 1, height: size, width: size, repeating: 1), heldOut: heldOut)
    let acquired = try await interruptible {
      if let socket {
        let client = BenchClient(socket: socket, leaseToken: ConnectionOptions.leaseToken)
        return try await acquire(plan, from: client)
      }
      return try await PrivateDaemon.run(bench: bench, threads: computing.threads) { daemon in
        try await acquire(plan, from: daemon.client)
      }
    }
    var measurements = acquired.measurements
    measurements.camera.saturation = Double(DaemonUnit.clipped)
    measurements.orientation = file.devices?.layout.camera.orientation ?? .upright
    (measurements.date, measurements.bench) = (Date.now.formatted(.iso8601), bench)
    try measurements.write(to: output)
    let taken = measurements.frames
    let answer = Answer(
      output: output, shape: [taken.count, taken.height, taken.width], heldOut: heldOut, light: Double(acquired.light))
    try printing.print(answer) { "\(output): \(taken.count) frames, \(heldOut) of them held out" }
  }

  private func acquire(_ plan: FramePlan, from client: BenchClient) async throws -> AcquiredFrames {
    let unit = DaemonUnit(client: client)
    var acquisition = Acquisition(on: unit)
    var bar = ProgressBar()
    defer { bar.finishPhase() }
    do {
      let acquired = try await acquisition.frames(of: plan) {
        bar.show(JobProgress(phase: "measure", completed: $0, total: plan.frames))
      }
      await unit.removeArrays()
      return acquired
    } catch {
      await unit.removeArrays()
      throw error
    }
  }
}
