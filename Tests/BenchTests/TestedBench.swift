import Arrays
import BenchFile
import Devices
import DriverCatalogue
import Foundation

/// The bench that the suite runs on: that of the file in `ODU_TEST_BENCH`, or the simulated one.
struct TestedBench: Sendable {
  let file: BenchFile
  let bench: Bench
  let instrument: BenchInstrument

  static let path = ProcessInfo.processInfo.environment["ODU_TEST_BENCH"] ?? "simulated"

  /// Opens the bench, starts it, and leaves safe patterns on its panels, whatever happens.
  static func run<Value>(_ body: (TestedBench) async throws -> Value) async throws -> Value {
    let file = try BenchFile.load(path: path, drivers: .standard, forOpening: true)
    let assembled = try await file.assemble()
    let tested = TestedBench(
      file: file, bench: assembled.bench,
      instrument: BenchInstrument(
        unit: assembled.bench, modulators: assembled.modulators, camera: assembled.camera, clock: assembled.clock))
    let outcome: Result<Value, any Error>
    do {
      try await assembled.bench.start()
      outcome = .success(try await body(tested))
    } catch {
      outcome = .failure(error)
    }
    try await assembled.bench.stop()
    return try outcome.get()
  }

  /// Flat layers, which leave the light as it is.
  var flat: Stack<Float> {
    let geometry = file.twin.geometry
    return Stack(count: geometry.layers, height: geometry.grid, width: geometry.grid)
  }

  /// Images of one value each, as many as there are values.
  func images(_ levels: [Float]) -> Stack<Float> {
    let size = file.twin.input.size
    return Stack(
      count: levels.count, height: size, width: size,
      values: levels.flatMap { [Float](repeating: $0, count: size * size) })
  }

  /// Two images whose halves, left or right, are bright, in turns.
  func halves(_ count: Int) -> Stack<Float> {
    let size = file.twin.input.size
    var images = Stack<Float>(count: count, height: size, width: size)
    for image in 0..<count {
      for y in 0..<size {
        for x in 0..<size where (x < size / 2) == image.isMultiple(of: 2) { images[image, y, x] = 1 }
      }
    }
    return images
  }
}
