import BenchAPI
import BenchFile
import Calibration
import Catalogues
import Foundation
import Records

extension CalibrationStore {
  /// What is to be calibrated.
  ///
  /// - Parameters:
  ///   - serials: those of the bench's devices by their role; nil while none is open.
  ///   - again: routines that run also when what they find is in force.
  ///   - without: routines that do not run.
  /// - Throws: `UnknownName` for a routine that there is not.
  package func plan(
    _ routines: Catalogue<any CalibrationRoutine.Type>, on file: BenchFile, serials: [String: String]?,
    again: [String] = [], without: [String] = []
  ) throws -> CalibrationPlanResponse {
    for name in again + without { _ = try routines.member(named: name) }
    let identity = try BenchIdentity(file, serials: serials)
    let all = summaries(on: identity, setup: try Self.setup(of: file))
    let present = all.filter(\.inForce)
    let plan = CalibrationPlan(
      routines.members, on: StatedBench(file), inForce: present.compactMap(CalibrationPlan.Present.init),
      asked: Set(again), without: Set(without))
    let steps = plan.steps.map { step in
      var shown = CalibrationPlanResponse.Step(step)
      if let calibration = present.first(where: { $0.kind == shown.kind }) {
        (shown.calibration, shown.age) = (calibration.id, calibration.age)
        // A job that found more than this took its time for all of that.
        let isAlone = all.count { $0.run == calibration.run } == 1
        if isAlone { shown.took = duration(of: calibration.run) }
      }
      return shown
    }
    return CalibrationPlanResponse(steps: steps, problem: problem(on: identity))
  }
}

extension CalibrationPlan.Present {
  fileprivate init?(_ calibration: CalibrationSummary) {
    guard let kind = ProductKind(rawValue: calibration.kind) else { return nil }
    self.init(
      kind: kind, hash: calibration.contentHash ?? calibration.id, parents: calibration.parents ?? [],
      staleness: calibration.reason)
  }
}

extension CalibrationPlanResponse.Step {
  fileprivate init(_ step: CalibrationPlan.Step) {
    let (state, reason): (CalibrationPlanResponse.State, String?) =
      switch step.state {
      case .inForce: (.inForce, nil)
      case .missing: (.missing, nil)
      case .stale(let reason): (.stale, reason)
      case .follows(let kinds): (.follows, "it builds on \(Self.list(kinds)), which is found again")
      case .asked: (.asked, "it is in force, and was asked for")
      case .covered(let kind): (.covered, "\(kind.rawValue) says what it would find")
      case .lacks(let kinds): (.lacks, "it builds on \(Self.list(kinds)), which cannot be found")
      case .notApplicable(let reason): (.notApplicable, reason)
      case .leftOut: (.leftOut, "it was left out")
      }
    self.init(
      routine: step.routine.name, kind: step.routine.gives.rawValue, state: state, runs: step.state.runs, reason: reason
    )
  }

  private static func list(_ kinds: [ProductKind]) -> String { kinds.map(\.rawValue).joined(separator: ", ") }
}
