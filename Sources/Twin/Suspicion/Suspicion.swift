import Arrays

/// What may be wrong with a bench when no fit makes its twin agree with its frames.
public struct Suspicion: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Samples are clipped.
    case saturation
    /// Most of what the twin misses is noise.
    case light
    /// The camera shows the plane mirrored or turned.
    case orientation
    /// The camera sees another part of the plane.
    case cameraPlace
    /// Wavelength or distances are others.
    case distance
    /// The light meets the layers in another order.
    case layerOrder
    /// The modulator turns the phase the other way.
    case phaseSign
    /// A turn is full at another level.
    case turn
  }

  public var kind: Kind
  /// Pearson discrepancy on the frames by which the fit is judged, with the suspicion taken for the truth and the alignment
  /// fitted again; nil where the frames alone show it.
  public var discrepancy: Double?
  /// What was seen, and what to change.
  public var words: String

  public init(kind: Kind, discrepancy: Double? = nil, words: String) {
    self.kind = kind
    self.discrepancy = discrepancy
    self.words = words
  }
}

/// One thing that is often wrong, and how to find out cheaply. A further one is a file in `Trials` and a line in ``all``.
protocol SuspicionTrial: Sendable {
  /// - Throws: `CancellationError`.
  func examine(_ bench: SuspectBench) throws -> [Suspicion]
}

extension Twin where Scalar == Double {
  /// What may be wrong with the bench, after a fit of this twin to its frames was refused; the likeliest first, none when
  /// nothing explains the frames clearly better than the fit.
  ///
  /// It takes about as long as a fit of the alignment or two.
  ///
  /// - Parameters:
  ///   - refused: the discrepancy of the fit, on the held-out frames when there are some.
  ///   - orientation: how the camera is believed to show the plane; the frames have been laid upright by it.
  ///   - progress: the trials that are done, and how many there are.
  /// - Throws: ``FitError`` and ``TwinError`` for what cannot be fitted at all; `CancellationError`.
  public func suspicions(
    _ data: FitData, refused: Discrepancy, orientation: Orientation = .upright,
    progress: (_ done: Int, _ trials: Int) -> Void = { _, _ in }
  ) throws -> [Suspicion] {
    try data.validate(for: self)
    let bench = try SuspectBench(self, data, refused: refused, orientation: orientation)
    var found: [Suspicion] = []
    for (index, trial) in SuspicionTrials.all.enumerated() {
      try Task.checkCancellation()
      found += try trial.examine(bench)
      progress(index + 1, SuspicionTrials.all.count)
    }
    return SuspicionTrials.likeliest(found)
  }
}

enum SuspicionTrials {
  /// What the frames show by themselves first.
  static let all: [any SuspicionTrial] = [
    SaturationTrial(), LightTrial(), OrientationTrial(), CameraPlaceTrial(), DistanceTrial(),
    LayerOrderTrial(),
    PhaseSignTrial(), TurnTrial(),
  ]

  /// Those that explain the frames about as well as the best one, the best first, behind what the frames show by themselves.
  static func likeliest(_ found: [Suspicion]) -> [Suspicion] {
    let shown = found.filter { $0.discrepancy == nil }
    let fitted = found.filter { $0.discrepancy != nil }.sorted { ($0.discrepancy ?? 0) < ($1.discrepancy ?? 0) }
    guard let best = fitted.first?.discrepancy else { return shown }
    return shown + fitted.filter { ($0.discrepancy ?? 0) <= 2 * best }
  }
}
