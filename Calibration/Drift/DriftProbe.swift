import Arrays
import Devices
import Measuring
import Twin

/// A few patterns, on every bench and at any time the same, that tell how far a bench is from its twin.
public struct DriftProbe: Sendable {
  /// Patterns at most; a slow bench shows fewer of them.
  public static let patterns = 6
  /// Seconds that a probe may take.
  public static let budget = 2.0
  /// Of the patterns. No calibration takes it unless it is given it, so that none is fitted to them.
  private static let seed: UInt64 = 0x6f64_755f_6472_6966

  public init() {}

  /// What came of the patterns.
  public struct Frames: Sendable {
    public let acquired: AcquiredFrames
    /// Seconds of the bench's clock.
    public let benchTime: Double
    /// The first frame, which tells how long one takes, included.
    public var taken: Int { acquired.taken + 1 }
  }

  /// - Parameter unit: may throw to end the probe.
  public func frames(
    of unit: any OpticalUnit, on bench: CalibratedBench, clock: any BenchClock
  ) async throws -> Frames {
    let start = clock.now
    let patterns = Self.patterns(on: bench)
    _ = try await unit.measure(layers: patterns[0], inputs: bench.whiteImage, block: 1)
    let each = max(Double(clock.now - start) * 1e-9, 1e-6)
    // That frame, and the one that tells the noise, take their time, too.
    let count = min(Self.patterns, max(2, Int(Self.budget / each) - 2))
    var acquisition = Acquisition(on: unit)
    let acquired = try await acquisition.frames(
      of: FramePlan(patterns: Array(patterns.prefix(count)), input: bench.whiteImage, heldOut: 0))
    return Frames(acquired: acquired, benchTime: Double(clock.now - start) * 1e-9)
  }

  static func patterns(on bench: CalibratedBench) -> [Stack<Float>] {
    let geometry = bench.description.geometry
    return SquarePatterns(layers: geometry.layers, grid: geometry.grid).series(patterns, seed: seed)
  }
}

/// How far a bench was from its twin.
public struct ProbeReading: Sendable, Equatable {
  /// 1 − Pearson between twin and bench, on average over the patterns.
  public var discrepancy: Double
  /// What the camera's noise alone would make of it, as two frames of one pattern tell.
  public var noiseFloor: Double

  public init(discrepancy: Double, noiseFloor: Double) {
    (self.discrepancy, self.noiseFloor) = (discrepancy, noiseFloor)
  }

  /// Computes without yielding.
  public init(_ frames: DriftProbe.Frames, of bench: CalibratedBench, threads: Int) throws {
    let acquired = frames.acquired
    let twin = try bench.twin(sampling: SquareFit.sampling, threads: threads)
    let count = acquired.frames.count
    let sum = try (0..<count).reduce(0) { sum, index in
      try sum + Discrepancy(acquired.prediction(of: index, by: twin), acquired.frames.planes(index..<index + 1)).pearson
    }
    self.init(discrepancy: sum / Double(count), noiseFloor: acquired.noiseDiscrepancy ?? 0)
  }
}
