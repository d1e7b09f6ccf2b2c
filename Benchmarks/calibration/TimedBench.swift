import Arrays
import Concurrency
import Devices
import Foundation
import Measuring

/// Seconds that devices took, wall clock: what simulated devices compute is no work of a routine.
final class Stopwatch: Sendable {
  private let taken = Locked(0.0)

  var seconds: Double { taken.withLock { $0 } }

  func time<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    let began = Date()
    defer { taken.withLock { $0 -= began.timeIntervalSinceNow } }
    return try await body()
  }
}

/// A bench for raw steps that is timed.
struct TimedBench: RawBench {
  private let bench: any RawBench
  private let watch: Stopwatch

  init(_ bench: any RawBench, _ watch: Stopwatch = Stopwatch()) { (self.bench, self.watch) = (bench, watch) }

  var seconds: Double { watch.seconds }
  var facts: CameraFacts { get async throws { try await bench.facts } }

  func take(_ step: RawStep) async throws -> RawFrames { try await watch.time { try await bench.take(step) } }

  func finish() async throws { try await bench.finish() }
}

/// A unit that is timed.
struct TimedUnit: OpticalUnit {
  let unit: any OpticalUnit
  let watch: Stopwatch

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    try await watch.time { try await unit.measure(layers: layers, inputs: inputs, block: block) }
  }
}
