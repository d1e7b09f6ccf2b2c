import Calibration
import Concurrency
import Devices
import Measuring
import Testing
import Twin

/// What the joint fit finds on a unit, from the values of a twin.
func jointFit(
  on unit: any OpticalUnit, twin: Twin<Double>, layout: BenchLayout? = nil, seed: UInt64 = 1,
  frames: (fitted: Int, heldOut: Int) = (16, 8),
  progress: @escaping @Sendable (RoutineWork.Phase, Int, Int) -> Void = { _, _, _ in }
) async throws -> SquareFit.Outcome {
  var routine = JointFitRoutine(seed: seed)
  (routine.squares.fitted, routine.squares.heldOut) = frames
  let bench = try CalibratedBench(
    StatedBench(description: twin.description, parameters: twin.parameters, layout: layout))
  var acquisition = Acquisition(on: unit)
  let plan = try #require(routine.plan(for: bench, after: []))
  let measured = try await acquisition.frames(of: plan) { progress(.acquire, $0, plan.frames) }
  let work = RoutineWork(threads: twin.threads, progress: progress)
  return try await computing { [routine] in try routine.fit([measured], on: bench, work) }
}
