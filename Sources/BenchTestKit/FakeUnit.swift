import Arrays
import Concurrency
import Devices
import Measuring

/// A bench without devices or optics: the answer to an image is the image times the sum of all phases.
public final class FakeUnit: BenchUnit {
  /// It was asked before it was started.
  public struct NotStarted: Error {}

  private let runs = Locked((isRunning: false, stops: 0))
  private let exposures = Locked<@Sendable (Int) -> Exposures?>({ _ in nil })
  private let observer = Locked<(@Sendable (DeviceState) -> Void)?>(nil)

  public init() {}

  public func observe(_ observer: (@Sendable (DeviceState) -> Void)?) async { self.observer.withLock { $0 = observer } }

  /// Says that the bench has entered a state.
  public func announce(_ state: DeviceState) { observer.withLock { $0 }?(state) }

  /// Has it say how so many images were exposed; nothing is known of it otherwise.
  public func expose(_ exposures: @escaping @Sendable (_ images: Int) -> Exposures?) {
    self.exposures.withLock { $0 = exposures }
  }

  private let knowledge = Locked<BenchKnowledge?>(nil)

  /// How it was last asked to measure.
  public var adopted: BenchKnowledge? { knowledge.withLock { $0 } }

  public func adopt(_ knowledge: BenchKnowledge) async throws { self.knowledge.withLock { $0 = knowledge } }

  private let knowledgeInUse = Locked<BenchKnowledge?>(nil)

  /// How it had been asked to measure when it last measured.
  public var measuredBy: BenchKnowledge? { knowledgeInUse.withLock { $0 } }

  /// How often the bench was made safe.
  public var stops: Int { runs.withLock { $0.stops } }

  public func witness(_ witness: (any BenchWitness)?) async {}

  public var frameCounts: [String: Int] { [:] }

  public func start() async throws { runs.withLock { $0.isRunning = true } }

  public func stop() async throws {
    runs.withLock { state in
      state.isRunning = false
      state.stops += 1
    }
  }

  public func measure(
    layers: Stack<Float>, inputs: Stack<Float>, block: Int?, progress: (@Sendable (Int) -> Void)?
  ) async throws -> Measured {
    try await measure(layers: layers, inputs: inputs, block: block)
  }

  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    guard runs.withLock({ $0.isRunning }) else { throw NotStarted() }
    let adopted = adopted
    knowledgeInUse.withLock { $0 = adopted }
    let sum = layers.values.reduce(0, +)
    return Measured(
      intensities: Stack(
        count: inputs.count, height: inputs.height, width: inputs.width, values: inputs.values.map { $0 * sum }),
      exposures: exposures.withLock { $0 }(inputs.count))
  }
}
