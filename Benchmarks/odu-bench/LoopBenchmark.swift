import Arrays
import Devices
import Foundation

/// What the software itself takes of one cycle of the measuring loop: everything between two patterns, with devices that
/// take no time. On a bench, the upload goes on during the exposure; here there is none to hide it behind.
struct LoopBenchmark {
  let width = 1024
  let height = 768
  let images = 300
  let rounds = 7
  /// What the loop may take, in seconds.
  static let goal = 2e-3

  struct Results: Codable {
    var date: String
    var width: Int
    var height: Int
    /// Seconds for each image in each round.
    var cycles: [Double]
    /// The same of the steps by themselves.
    var steps: [String: Double]
  }

  func run() async throws -> Results {
    let grid = 256
    let layout = BenchLayout(
      layers: LayerLayout(origins: [PanelPoint(x: 0, y: 0), PanelPoint(x: grid, y: 0)], grid: grid),
      input: InputLayout(origin: PanelPoint(x: 512, y: 256), size: 32, scale: 8, onLayerModulator: true),
      camera: CameraLayout(x: 256, y: 128, width: 512, height: 512))
    let modulator = InstantModulator(width: width, height: height)
    let camera = InstantCamera(width: width, height: height)
    let bench = try Bench(layerModulator: modulator, camera: camera, layout: layout, detectorBlock: 8)
    try await bench.start()
    let layers = Stack<Float>(count: 2, height: grid, width: grid, repeating: 1)
    let inputs = Stack<Float>(count: images, height: 32, width: 32, repeating: 0.7)
    var cycles: [Double] = []
    for _ in 0..<rounds {
      let start = MonotonicClock().now
      _ = try await bench.measure(layers: layers, inputs: inputs, block: nil)
      cycles.append(Double(MonotonicClock().now - start) * 1e-9 / Double(images))
    }
    let accepted = await bench.report.accepted
    guard accepted == rounds * images else { throw Failure(accepted: accepted, expected: rounds * images) }
    return Results(
      date: Date().ISO8601Format(), width: width, height: height, cycles: cycles.sorted(),
      steps: try await steps(layout, modulator, camera, inputs))
  }

  private struct Failure: Error, CustomStringConvertible {
    var accepted: Int
    var expected: Int
    var description: String { "the loop credited \(accepted) frames to \(expected) images" }
  }

  private func steps(
    _ layout: BenchLayout, _ modulator: InstantModulator, _ camera: InstantCamera, _ inputs: Stack<Float>
  ) async throws -> [String: Double] {
    let encoder = PatternEncoder(layout: layout)
    let base = Pattern(width: width, height: height)
    var pattern = base
    let draw = try await time {
      pattern = base
      encoder.draw(input: inputs, index: 0, on: &pattern)
    }
    let drawn = pattern
    let upload = try await time { _ = try await modulator.upload([drawn]) }
    let copy = try await time { _ = try await camera.nextFrame(deadline: .max) }
    var matcher = FrameMatcher(blackLevel: 40)
    var frames: [Frame] = []
    for _ in 0..<FrameMatcher.memory + 1 { frames.append(try await camera.nextFrame(deadline: .max)) }
    var (index, sequence) = (0, UInt64(1 << 32))
    let match = try await time {
      index = (index + 1) % frames.count
      sequence += 1
      frames[index].sequence = sequence
      frames[index].exposureStart = sequence
      frames[index].exposureEnd = sequence
      matcher.expect(FrameMatcher.Expectation(settled: 0, light: true))
      _ = matcher.judge(frames[index], now: .max)
    }
    return ["draw": draw, "pack for the panel": upload, "copy from the camera": copy, "match": match]
  }

  /// The median time in seconds.
  private func time(_ body: () async throws -> Void) async throws -> Double {
    var times: [Double] = []
    for _ in 0..<101 {
      let start = MonotonicClock().now
      try await body()
      times.append(Double(MonotonicClock().now - start) * 1e-9)
    }
    return times.sorted()[50]
  }
}

extension LoopBenchmark.Results {
  var markdown: String {
    func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", 1e3 * seconds) }
    let median = cycles[cycles.count / 2]
    let rows = steps.sorted { $0.value > $1.value }.map { "| \($0.key) | \(milliseconds($0.value)) |" }
    return """
      # The measuring loop

      Written by `make bench` on \(date).

      What the software itself takes of one cycle of `Bench.measure`, with a modulator and a camera of \(width) × \
      \(height) pixels that take no time: the image is drawn, packed for a 32-bit scan-out buffer, shown, a 12-bit frame \
      is copied from its buffer, matched, and its detector region of 512 × 512 pixels is averaged. The plant of the \
      simulated bench is left out, whose computing is no work of the loop.

      | | ms per image |
      |---|---|
      | whole cycle, median of \(cycles.count) rounds | \(milliseconds(median)) |
      | least, most | \(milliseconds(cycles.first ?? 0)), \(milliseconds(cycles.last ?? 0)) |
      | goal | \(milliseconds(LoopBenchmark.goal)): \(median <= LoopBenchmark.goal ? "met" : "missed") |

      The steps by themselves:

      | step | ms |
      |---|---|
      \(rows.joined(separator: "\n"))

      On a bench, the drawing and packing of the next image go on while this one is exposed.

      """
  }
}
