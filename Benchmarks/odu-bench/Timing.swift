import Arrays
import CBenchmark
import Concurrency
import Foundation
import Optics

/// What a batch is for.
enum Kind: String, Codable, CaseIterable {
  case forward
  case train
}

/// The seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let duration = try ContinuousClock().measure(body)
  return Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
}

extension Worker {
  func run(_ kind: Kind) throws {
    switch kind {
    case .forward: try forward()
    case .train: _ = try train()
    }
  }

  /// The least time in seconds that a batch takes, tried again for `budget` seconds, after one run to warm up.
  func time(_ kind: Kind, budget: Double) throws -> Double {
    try run(kind)
    var (least, total, runs) = (Double.infinity, 0.0, 0)
    while total < budget || runs < 2 {
      let time = try seconds { try run(kind) }
      least = min(least, time)
      total += time
      runs += 1
    }
    return least
  }

  /// Allocations of one training step in its steady state.
  func allocationsPerStep() throws -> Int {
    for _ in 0..<3 { _ = try train() }
    let before = benchmark_allocations()
    _ = try train()
    return Int(benchmark_allocations() - before)
  }
}

/// The bandwidth of the memory in bytes per second, by the triad a = b + s·c over arrays far beyond the caches; the write is
/// counted once, as STREAM does.
func memoryBandwidth(threads: Int) -> Double {
  let count = 1 << 24
  let arrays = (0..<3 * threads).map { _ in AlignedBuffer<Float>(count: count) }
  var least = Double.infinity
  for _ in 0..<5 {
    let time = seconds {
      concurrently(threads, threads: threads) { thread in
        benchmark_triad(
          arrays[3 * thread].pointer, arrays[3 * thread + 1].pointer, arrays[3 * thread + 2].pointer, Int64(count))
      }
    }
    least = min(least, time)
  }
  return Double(3 * threads * count * MemoryLayout<Float>.stride) / least
}
