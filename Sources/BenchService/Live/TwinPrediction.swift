import Arrays
import BenchFile
import Lending
import Measuring
import Twin

/// The twin's answer to what the bench measured last, computed once for all who ask.
actor TwinPrediction {
  struct Comparison: Sendable {
    var number: Int
    /// `[1, height, width]`, both with the mean of the measured one.
    var measured: Stack<Float>
    var predicted: Stack<Float>
    /// 1 − Pearson.
    var discrepancy: Double
  }

  private var twin: (description: TwinDescription, parameters: TwinParameters, twin: Twin<Float>)?
  private var latest: Comparison?
  /// What is being computed; all who ask for the same wait for it.
  private var pending: (number: Int, task: Task<Comparison, any Error>)?

  /// The last comparison that was made.
  var comparison: Comparison? { latest }

  func comparison(with answer: LiveView.Answer, bench: TwinDescription, parameters: TwinParameters) async throws
    -> Comparison
  {
    if let latest, latest.number == answer.number { return latest }
    if let pending, pending.number == answer.number { return try await pending.task.value }
    let task = Task { try await compute(answer, bench, parameters) }
    pending = (answer.number, task)
    let comparison = try await task.value
    if latest.map({ $0.number < comparison.number }) ?? true { latest = comparison }
    return comparison
  }

  private func compute(_ answer: LiveView.Answer, _ bench: TwinDescription, _ parameters: TwinParameters) async throws
    -> Comparison
  {
    let twin = try twin(bench, parameters)
    let computed = try await twin.intensities(layers: answer.layers, inputs: answer.input, block: answer.block)
    let (measured, sum) = (answer.measured, computed.values.reduce(0, +))
    var predicted = computed
    let gain = sum > 0 ? measured.values.reduce(0, +) / sum : 0
    for index in predicted.values.indices { predicted.values[index] *= gain }
    return Comparison(
      number: answer.number, measured: measured, predicted: predicted,
      discrepancy: Discrepancy(measured, predicted).pearson)
  }

  private func twin(_ description: TwinDescription, _ parameters: TwinParameters) throws -> Twin<Float> {
    if let twin, twin.description == description, twin.parameters == parameters { return twin.twin }
    let made = try Twin<Float>(description, parameters: parameters, threads: 1)
    twin = (description, parameters, made)
    return made
  }
}
