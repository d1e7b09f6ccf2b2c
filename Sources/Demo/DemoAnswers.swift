import BenchAPI
import Measuring
import ReadableNumbers
import Report
import Twin

// What the demo's jobs answered, as the report states it.

extension CalibrationOutcome {
  init(_ result: CalibrateResult, truth: [String: Double]) {
    let unknown = Discrepancy(cosine: .nan, pearson: .nan)
    self.init(
      parameters: result.parameters.map {
        Parameter(name: $0.name, unit: $0.unit, start: $0.start, calibrated: $0.value, truth: truth[$0.name])
      },
      before: result.before ?? unknown, after: result.after ?? unknown, frames: result.fitted, heldOut: result.heldOut)
  }
}

extension LayerSetOutcome {
  init(_ set: TrainResult.LayerSet) {
    self.init(
      first: set.firstStep, last: set.lastStep, error: set.error, meanImage: set.meanImage, wiener: set.wiener)
  }
}

extension ComparisonOutcome {
  init(_ result: CompareResult, truth: [String: Double]) {
    self.init(
      summary: """
        One layer set, for the steps \(result.firstStep) to \(result.lastStep) of the diffusion, learnt from \
        \(result.steps) batches of \(result.batch) images. All contenders but the reference start with a twin whose \
        angles are off; otherwise the trainers would not differ. Offline training learns from its twin, the others from the \
        bench. The mean image reaches \(compact(result.meanImage)), the Wiener filter \(compact(result.wiener)).
        """,
      trainers: result.contenders.map { Trainer($0, batch: result.batch, truth: truth) })
  }
}

extension ComparisonOutcome.Trainer {
  /// A contender that trains on the twin meets the bench only at its end, so that its discrepancy is one point.
  init(_ contender: CompareResult.Contender, batch: Int, truth: [String: Double]) {
    let measures = !contender.discrepancies.isEmpty
    func curve(_ values: [Double]) -> [CurvePoint] {
      values.enumerated().map { CurvePoint(x: Double(($0 + 1) * batch), y: $1) }
    }
    // Single batches scatter; a mean over five shows where they go.
    let smooth = contender.errors.indices.map { index in
      let window = contender.errors[max(0, index - 4)...index]
      return window.reduce(0, +) / Double(window.count)
    }
    let end = CurvePoint(x: Double(contender.errors.count * batch), y: contender.finalDiscrepancy.pearson)
    // Beam and mirror: the layers' own tilts are small corrections, often of nothing.
    let angles = contender.parameters.filter {
      TwinParameters.alignmentNames.contains($0.key) && $0.key.contains("Tilt")
    }
    let errors = angles.compactMap { name, value in
      truth[name].flatMap { $0 == 0 ? nil : abs(value / $0 - 1) }
    }
    let gap = contender.parameters["mirrorGap"].flatMap { value in truth["mirrorGap"].map { abs(value - $0) } }
    self.init(
      name: Self.title(of: contender.name), isReference: contender.name == "calibrated",
      loss: curve(smooth), discrepancy: measures ? curve(contender.discrepancies) : [end],
      finalError: contender.finalError, angleError: errors.max(), gapError: gap)
  }

  private static func title(of contender: String) -> String {
    switch contender {
    case "offline": "offline, then deployed"
    case "frozen": "frozen twin"
    case "calibrated": "offline on the calibrated twin"
    default: contender
    }
  }
}
