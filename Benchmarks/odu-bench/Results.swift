import Foundation

/// Everything that one run of the benchmark found out.
struct Results: Codable {
  var machine: Machine
  var losses: [LossCheck]
  var cells: [Cell]
  var curve: [CurvePoint]
  /// Bytes per second on one thread.
  var bandwidth: Double
  var allocations: [Allocation]

  struct Machine: Codable {
    var processor: String
    var processors: Int
    /// Other programs that ran at the beginning and at the end.
    var load: [Double]
    var system: String
    var date: String
    var fftw: String
    var pytorch: String
  }

  /// The losses of the first steps, by implementation.
  struct LossCheck: Codable {
    var work: Work
    var expected: Double
    var losses: [String: [Double]]

    /// The largest relative difference from the expected first loss, and between implementations later.
    var difference: Double {
      let others = losses.values.map { abs($0[0] / expected - 1) }
      let reference = losses["pytorch"] ?? []
      let later = losses.values.flatMap { zip($0, reference).map { abs($0 / $1 - 1) } }
      return (others + later).max() ?? .infinity
    }
  }

  /// One size, kind and number of threads; times in seconds per batch, one for each round.
  struct Cell: Codable {
    var work: Work
    var kind: Kind
    var engine: String
    var times: [Implementation: [Double]]

    func imagesPerSecond(_ implementation: Implementation) -> Double {
      Double(work.batch) / median(times[implementation] ?? [])
    }

    /// How many times as fast the one is as the other, in each round.
    func ratios(_ one: Implementation, _ other: Implementation) -> Spread? {
      guard let mine = times[one], let theirs = times[other], !mine.isEmpty else { return nil }
      return Spread(zip(theirs, mine).map { $0 / $1 })
    }
  }

  enum Implementation: String, Codable, CodingKeyRepresentable {
    /// The engine without the twin around it.
    case engine
    case twin
    /// FFTW's transforms alone, with patient plans.
    case bare
    case pytorch
  }

  struct CurvePoint: Codable {
    var size: Int
    /// Seconds per image of a training step.
    var seconds: Double
    /// Bytes that one image moves between the passes.
    var bytes: Double
    var stateBytes: Int
    /// The same of the twin, and what one image keeps for its gradient.
    var twinBytes: Int
    var imageBytes: Int
    /// Floating-point operations of the transforms by the usual count, 5·N·log₂N.
    var operations: Double
  }

  struct Allocation: Codable {
    var implementation: Implementation
    var work: Work
    var count: Int
  }
}

struct Spread: Codable {
  var least: Double
  var middle: Double
  var most: Double

  init(_ values: [Double]) {
    least = values.min() ?? .nan
    middle = median(values)
    most = values.max() ?? .nan
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
