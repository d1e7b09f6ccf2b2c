import Devices

/// How long the modulators take, in seconds. What was not measured is nil and stays as the bench file says.
public struct TimingModel: Sendable, Codable, Equatable {
  /// From the receipt of a pattern until all of the panel begins to change, and from then on until it rests.
  public var layerLatency: Double?
  public var layerSettle: Double?
  public var inputLatency: Double?
  public var inputSettle: Double?

  public init(
    layerLatency: Double? = nil, layerSettle: Double? = nil, inputLatency: Double? = nil, inputSettle: Double? = nil
  ) {
    self.layerLatency = layerLatency
    self.layerSettle = layerSettle
    self.inputLatency = inputLatency
    self.inputSettle = inputSettle
  }

  /// The bench's timing with what was measured.
  func applied(to timing: BenchTiming) -> BenchTiming {
    var timing = timing
    timing.layerLatency = layerLatency ?? timing.layerLatency
    timing.layerSettle = layerSettle ?? timing.layerSettle
    timing.inputLatency = inputLatency ?? timing.inputLatency
    timing.inputSettle = inputSettle ?? timing.inputSettle
    return timing
  }
}
