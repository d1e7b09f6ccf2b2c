/// Everything that is tried.
enum SuspicionTrials {
  /// What the frames show by themselves first.
  static let all: [any SuspicionTrial] = [
    SaturationTrial(), LightTrial(), OrientationTrial(), CameraPlaceTrial(), DistanceTrial(), LayerOrderTrial(),
    PhaseSignTrial(), TurnTrial(),
  ]

  /// Those that explain the frames about as well as the best one, the best first, behind what the frames show by themselves.
  static func likeliest(_ found: [Suspicion]) -> [Suspicion] {
    let shown = found.filter { $0.discrepancy == nil }
    let fitted = found.filter { $0.discrepancy != nil }.sorted { ($0.discrepancy ?? 0) < ($1.discrepancy ?? 0) }
    guard let best = fitted.first?.discrepancy else { return shown }
    // Rounding may take a perfect one below 0.
    return shown + fitted.filter { ($0.discrepancy ?? 0) <= best + abs(best) }
  }
}
