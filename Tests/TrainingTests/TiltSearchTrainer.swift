import Arrays
import Catalogues
import Measuring
import Optics
import Training
import Twin

/// A trainer without a model: it tries a little more and a little less tilt on one layer after the other, on the bench, keeps
/// what is best, and tries smaller tilts when nothing is better. It asks no twin and takes no derivative.
struct TiltSearchTrainer: Trainer {
  static let declaration = Declaration(
    "tilts", "tries tilts of the layers on the bench",
    parameters: [
      Parameter(
        "reach", .number(1e-4...1), "the first tilts, in radians per sample", unit: "rad", standard: .number(0.03))
    ])
  static let usesBench = true

  /// How far it tries, and how often in vain since it did otherwise.
  struct State: Codable, Sendable {
    var reach: Double
    var failures = 0
  }

  private(set) var state: State
  private let bench: any OpticalUnit

  init(_ setup: TrainerSetup) throws {
    bench = try setup.requireBench()
    state = State(reach: setup.options.number("reach"))
  }

  var refined: TwinParameters? { nil }
  mutating func restore(_ state: State) { self.state = state }

  mutating func step(_ task: TrainingTask) async throws -> LayerStep {
    var best = (task: task, loss: try await loss(of: task))
    for sign in [Float(1), -1] {
      var other = task
      tilt(&other.set.phases, by: sign * Float(state.reach), step: task.step)
      let loss = try await self.loss(of: other)
      if loss.loss < best.loss.loss { best = (other, loss) }
    }
    state.failures = best.task.set == task.set ? state.failures + 1 : 0
    if state.failures == 2 * task.set.phases.count { state = State(reach: state.reach / 2) }
    return LayerStep(
      .moved(best.task.set), loss: best.loss.loss, error: best.loss.error, frames: 3 * task.inputs.count)
  }

  private func loss(of task: TrainingTask) async throws -> TaskLoss {
    task.judge(try await bench.intensities(layers: task.set.phases, inputs: task.inputs, block: nil))
  }

  /// One layer and one axis in each step.
  private func tilt(_ phases: inout Stack<Float>, by slope: Float, step: Int) {
    let (layer, isVertical) = (step / 2 % phases.count, step.isMultiple(of: 2))
    for y in 0..<phases.height {
      for x in 0..<phases.width {
        phases[layer, y, x] += slope * Float(isVertical ? y - phases.height / 2 : x - phases.width / 2)
      }
    }
  }
}
