import Arrays
import Devices
import Measuring

/// The bench as jobs and requests get it: what it answers can be looked at by others.
struct WatchedUnit: BenchUnit {
  let unit: any BenchUnit
  let live: LiveView
  /// Writes down what is measured.
  var recorder: RunRecorder?

  var frameCounts: [String: Int] { get async { await unit.frameCounts } }

  func start() async throws { try await live.whileMeasuring { try await unit.start() } }
  func stop() async throws { try await live.whileMeasuring { try await unit.stop() } }
  func adopt(_ knowledge: BenchKnowledge) async throws { try await unit.adopt(knowledge) }
  func observe(_ observer: (@Sendable (DeviceState) -> Void)?) async { await unit.observe(observer) }
  func witness(_ witness: (any BenchWitness)?) async { await unit.witness(witness) }

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    try await measure(layers: layers, inputs: inputs, block: block, progress: nil)
  }

  func measure(
    layers: Stack<Float>, inputs: Stack<Float>, block: Int?, progress: (@Sendable (Int) -> Void)?
  ) async throws -> Measured {
    let measured = try await live.whileMeasuring {
      try await unit.measure(layers: layers, inputs: inputs, block: block, progress: progress)
    }
    guard inputs.count > 0, measured.intensities.count == inputs.count else { return measured }
    let last = inputs.count - 1..<inputs.count
    live.answered {
      LiveView.Answer(
        number: $0, layers: layers, input: inputs.planes(last), measured: measured.intensities.planes(last),
        block: block)
    }
    recorder?.add(layers: layers, inputs: inputs, measured, block: block)
    return measured
  }
}
