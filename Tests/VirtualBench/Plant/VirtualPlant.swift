import BenchFile
import Devices
import Foundation
import Simulated

/// The plant of a bench file's section `simulated` as a process: computes what its camera sees of the panel that a guest
/// puts into shared memory, frame by frame, until it is ended.
@main
struct VirtualPlant {
  static func main() async {
    do {
      guard CommandLine.arguments.count == 4 else { throw VirtualPlantError.usage }
      try await run(
        bench: CommandLine.arguments[1], memory: CommandLine.arguments[2], truth: CommandLine.arguments[3])
    } catch {
      FileHandle.standardError.write(Data("virtual-plant: \(error)\n".utf8))
      exit(1)
    }
  }

  /// - Parameters:
  ///   - bench: a bench file with the sections `layout` and `simulated`, and the image on the layer modulator.
  ///   - memory: the file that the guest sees as its shared memory.
  ///   - truth: where the hidden values are written, by the twin's names, as JSON.
  static func run(bench path: String, memory: String, truth: String) async throws {
    let file = try BenchFile.load(path: path, drivers: DriverRegistry([.simulated]))
    guard let devices = file.devices, devices.layout.input.onLayerModulator,
      let configuration = file.driverSections[Driver.simulated.name] as? SimulatedConfiguration
    else { throw VirtualPlantError.noPlant(path: path) }
    let bench = try SimulatedBench(
      configuration: configuration, optics: NominalOptics(file.twin), layout: devices.layout)
    let known = bench.truth.filter { file.parameters.names.contains($0.key) }
    try JSONEncoder().encode(known).write(to: URL(fileURLWithPath: truth), options: .atomic)
    let panel = bench.layerModulator.description
    let camera = bench.camera.description
    let exchange = try FrameExchange(
      path: memory, panel: (panel.width, panel.height), camera: (camera.width, camera.height))
    var light = LightPath(bench: bench, rest: configuration.layerPanel.latency + configuration.layerPanel.settle)
    try await bench.camera.start()
    while true {
      guard let pattern = try await exchange.nextPanel() else {
        exchange.answer(nil)
        continue
      }
      exchange.answer(try await light.frame(of: pattern))
    }
  }
}

/// The way from a panel's levels to a frame of the simulated camera, on its virtual clock.
struct LightPath {
  let bench: SimulatedBench
  /// Seconds from the receipt until the panel is at rest.
  let rest: Double
  private var shown: (pattern: Pattern, handle: PatternHandle, settled: UInt64)?

  init(bench: SimulatedBench, rest: Double) {
    self.bench = bench
    self.rest = rest
  }

  /// A frame that was exposed to this pattern alone, with noise of its own.
  mutating func frame(of pattern: Pattern) async throws -> [UInt16] {
    if shown?.pattern != pattern { try await show(pattern) }
    let settled = shown?.settled ?? 0
    while true {
      let frame = try await bench.camera.nextFrame(deadline: .max)
      if frame.exposureStart >= settled { return frame.pixels }
    }
  }

  private mutating func show(_ pattern: Pattern) async throws {
    if let shown { await bench.layerModulator.release([shown.handle]) }
    shown = nil
    guard let handle = try await bench.layerModulator.upload([pattern]).first else { return }
    let receipt = try await bench.layerModulator.show(handle)
    shown = (pattern, handle, receipt.latest + nanoseconds(rest))
  }
}

/// Why there is no plant to compute with.
enum VirtualPlantError: Error, CustomStringConvertible {
  case usage
  case noPlant(path: String)
  case memory(path: String, reason: String)
  case wrongSize(what: String, guest: [UInt32], here: [Int])

  var description: String {
    switch self {
    case .usage: "usage: virtual-plant BENCH-FILE MEMORY-FILE TRUTH-FILE"
    case .noPlant(let path):
      "\(path) describes no plant with one panel; it needs devices, layout with input.onLayerModulator, and simulated"
    case .memory(let path, let reason): "\(path): \(reason)"
    case .wrongSize(let what, let guest, let here):
      "the guest's \(what) has \(guest) pixels, that of the bench file \(here)"
    }
  }
}
