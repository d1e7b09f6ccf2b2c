import Foundation

/// A quantity that a full calibration finds, beside its truth.
struct FullRow: Row {
  enum Quantity: String { case camera, latency, settling, response, angles, discrepancy, frames, deviations, failures }

  let bench: FullCalibration.Bench
  let quantity: Quantity

  /// What stands for a quantity of a calibration that failed.
  private static let failed = 999.0

  var name: String { "full-\(quantity)-\(bench)" }

  var title: String {
    let what =
      switch quantity {
      case .camera: "camera: gain, read noise and dark level, the worst of the three"
      case .latency: "latency of the panels, the worst of both and of rise and fall"
      case .settling: "settling of the panels, the worst of both and of rise and fall"
      case .response: "response, the worst region"
      case .angles: "angles of mirror and beam, the worst direction that frames determine"
      case .discrepancy: "1 - Pearson on unseen patterns, above the noise"
      case .frames: "frames of a calibration from nothing"
      case .deviations: "parameters off by more than the 2σ that is stated"
      case .failures: "calibrations from nothing that failed"
      }
    return "\(what) (`\(bench)`)"
  }

  var unit: String {
    switch quantity {
    case .camera, .settling, .deviations: "%"
    case .latency: "camera frames"
    case .response: "waves"
    case .angles: "µrad"
    case .discrepancy, .failures: ""
    case .frames: "frames"
    }
  }

  var goal: String {
    switch quantity {
    case .camera: "2 %"
    case .latency: "1/20 camera frame"
    case .settling: "10 %"
    case .response: "0.004 waves"
    case .angles: bench == .realistic ? "50 µrad, gap 30 µm" : "2 µrad, gap 1 µm"
    case .discrepancy: "0.004"
    case .frames: "400 frames, 3 min on the bench, 2 min of computing"
    case .deviations: "1–10 %"
    case .failures: "0"
    }
  }

  func measure(seed: UInt64, threads: Int) async throws -> Measurement {
    let run = try await FullCalibrations.shared.run(bench, seed: seed, threads: threads)
    let (value, note) = judged(run)
    return Measurement(
      value: value, frames: run.frames, ownFrames: run.frames, benchTime: run.benchTime, computing: run.computing,
      note: note)
  }

  private func judged(_ run: FullCalibration) -> (Double, String) {
    if quantity == .failures { return (run.failure == nil ? 0 : 1, run.failure ?? "everything found") }
    if let failure = run.failure { return (Self.failed, "failed: \(failure)") }
    let judged =
      switch quantity {
      case .camera: run.camera
      case .latency: run.latency
      case .settling: run.settling
      case .response: run.response
      case .angles: run.angles
      case .discrepancy: run.discrepancy
      case .deviations: run.deviations
      case .frames, .failures: (Double(run.frames), run.found) as (Double, String)?
      }
    return judged ?? (Self.failed, "not found")
  }
}
