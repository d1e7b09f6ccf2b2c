import Devices

/// How long the modulators take, in seconds. What was not measured is nil and stays as the bench file says.
public struct TimingModel: Sendable, Codable, Equatable {
  /// From the receipt of a pattern until all of the panel begins to change, and from then on until it rests.
  public var layerLatency: Double?
  public var layerSettle: Double?
  public var inputLatency: Double?
  public var inputSettle: Double?
  /// How the panels answer, where the light of each was followed; the times above are what the bench has to wait for it.
  public var layers: PanelResponse?
  public var input: PanelResponse?

  public init(
    layerLatency: Double? = nil, layerSettle: Double? = nil, inputLatency: Double? = nil, inputSettle: Double? = nil,
    layers: PanelResponse? = nil, input: PanelResponse? = nil
  ) {
    self.layerLatency = layerLatency
    self.layerSettle = layerSettle
    self.inputLatency = inputLatency
    self.inputSettle = inputSettle
    (self.layers, self.input) = (layers, input)
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

/// How light follows a change of level on a panel.
public struct StepResponse: Sendable, Codable, Equatable {
  /// From the receipt until the light begins to change.
  public var latency: Double
  /// From 10 to 90 % of the change.
  public var slope: Double
  /// From its begin until no more than 1 % is missing.
  public var settle: Double

  public init(latency: Double, slope: Double, settle: Double) {
    self.latency = latency
    self.slope = slope
    self.settle = settle
  }
}

/// How light follows a panel, in seconds.
public struct PanelResponse: Sendable, Codable, Equatable {
  /// To higher levels, and to lower ones.
  public var rise: StepResponse
  public var fall: StepResponse
  /// Standard deviation of the latency from change to change.
  public var jitter: Double
  /// How much longer the bench waits than the slower of both takes.
  public var margin: Double
  /// How much later a row of the camera is exposed than the one above it, as far as changes show; 0 when rows do not differ.
  public var rowDelay: Double

  public init(rise: StepResponse, fall: StepResponse, jitter: Double, margin: Double, rowDelay: Double) {
    self.rise = rise
    self.fall = fall
    self.jitter = jitter
    self.margin = margin
    self.rowDelay = rowDelay
  }
}
