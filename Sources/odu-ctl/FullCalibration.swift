import BenchAPI
import BenchClient
import Foundation

/// Runs what a bench lacks, one job after the other, and asks the daemon again after each of them what is left.
struct FullCalibration: Sendable {
  /// What became of a routine.
  struct Outcome: Encodable, Sendable {
    enum State: String, Encodable { case found, failed, inForce, covered, lacks, notApplicable }

    var routine: String
    var state: State
    /// Why it failed or did not run, in words, and in a word of the daemon.
    var reason: String?
    var cause: String?
    /// The calibration of its kind in force.
    var calibration: String?
    /// Seconds since it was found.
    var age: Double?
    /// The job that ran it, the seconds that it took, and what it answered.
    var job: String?
    var took: Double?
    var result: CalibrateResult?
  }

  struct Report: Encodable, Sendable {
    var routines: [Outcome]
    /// Why it is unknown which calibrations are in force; nil when all is well.
    var problem: String?

    var hasFailed: Bool { routines.contains { [.failed, .lacks].contains($0.state) } }
  }

  let client: BenchClient
  let seed: UInt64

  /// - Parameter all: also what is in force.
  /// - Throws: `CancellationError`, and what the client throws when the daemon is gone; not what a routine fails of.
  func run(all: Bool) async throws -> Report {
    var ran: [Outcome] = []
    var again = all ? try await client.calibrationPlan().steps.map(\.routine) : []
    do {
      while true {
        let failed = ran.filter { $0.state == .failed }.map(\.routine)
        // At the beginning a daemon that is not there is not waited for.
        let plan = try await client.acrossRestarts(ran.isEmpty ? .zero : BenchClient.restartPatience) { [again] in
          try await client.calibrationPlan(again: again, without: failed)
        }
        // What is stale as soon as it was found would be found for ever.
        let next = plan.steps.first { step in step.runs && ran.count { $0.routine == step.routine } < 2 }
        guard let next else { return Report(routines: ran + plan.resting(besides: ran), problem: plan.problem) }
        ran.append(try await outcome(of: next))
        again.removeAll { $0 == next.routine }
      }
    } catch let error as CancellationError {
      let found = ran.filter { $0.state == .found }.map(\.routine)
      let rest = found.isEmpty ? "" : " (\(found.joined(separator: ", ")))"
      StandardError.note("what was found is in force\(rest); odu-ctl calibrate continues with the rest")
      throw error
    }
  }

  private func outcome(of step: CalibrationPlanResponse.Step) async throws -> Outcome {
    let request = try JobRequest(
      kind: "calibrate", encoding: CalibrateRequest(routines: [step.routine], seed: seed))
    do {
      let job = try await client.perform(request, on: ProgressBar(of: (step.routine, step.took)))
      let result = try await client.acrossRestarts {
        try await client.result(of: job.id, as: CalibrateResult.self)
      }
      let calibrations = try await client.acrossRestarts { try await client.calibrations() }
      let present = calibrations.first { $0.run == job.id }
      let took = job.started.flatMap { began in job.ended.map { $0.timeIntervalSince(began) } }
      return Outcome(
        routine: step.routine, state: .found, calibration: present?.id, job: job.id, took: took, result: result)
    } catch JobFailure.failed(_, let cause, let message) {
      StandardError.note("\(step.routine): \(message)")
      return Outcome(routine: step.routine, state: .failed, reason: message, cause: cause)
    } catch JobFailure.cancelled {
      return Outcome(routine: step.routine, state: .failed, reason: "its job was cancelled")
    }
  }
}

extension CalibrationPlanResponse {
  /// The routines that did not run, as outcomes.
  fileprivate func resting(besides ran: [FullCalibration.Outcome]) -> [FullCalibration.Outcome] {
    steps.filter { step in !ran.contains { $0.routine == step.routine } }.compactMap { step in
      FullCalibration.Outcome.State(rawValue: step.state.rawValue).map { state in
        FullCalibration.Outcome(
          routine: step.routine, state: state, reason: step.reason, calibration: step.calibration, age: step.age)
      }
    }
  }
}

extension BenchClient {
  /// - Parameter all: whether what is in force runs, too.
  func calibrationPlan(runningAll all: Bool) async throws -> CalibrationPlanResponse {
    let plan = try await calibrationPlan()
    return all ? try await calibrationPlan(again: plan.steps.map(\.routine)) : plan
  }
}
