import Arrays
import Concurrency
import Measuring
import Optics
import Twin

/// The outputs of a batch, and a twin's record of the same computation, through which they are differentiated.
public struct Observation: Sendable {
  /// Detector intensities to which the loss is applied, from twin or bench.
  public var intensities: Stack<Float>
  /// The twin's computation of the same batch.
  public var tape: Tape<Float>
  /// What the twin's intensities are to be multiplied by to be on the scale of `intensities`.
  public var gain: Float
  /// How far twin and bench differ on this batch; nil when only the twin was asked.
  public var discrepancy: Discrepancy?
  /// Frames taken from the bench.
  public var frames: Int

  /// A batch that only the twin computed.
  public init(intensities: Stack<Float>, tape: Tape<Float>) {
    (self.intensities, self.tape, gain, frames) = (intensities, tape, 1, 0)
  }

  /// A measured batch beside the twin's: the gain is the best one for the whole batch.
  public init(measured: Stack<Float>, tape: Tape<Float>) {
    var product = 0.0
    var square = 0.0
    for (computed, measured) in zip(tape.intensities.values, measured.values) {
      product += Double(computed * measured)
      square += Double(computed * computed)
    }
    (intensities, self.tape, frames) = (measured, tape, measured.count)
    gain = square > 0 ? Float(product / square) : 1
    discrepancy = Discrepancy(tape.intensities, measured)
  }
}

extension LayerStep {
  /// The step of an observation: its loss, pulled back through the twin.
  public init(_ observation: Observation, of task: TrainingTask, through twin: Twin<Float>) async throws {
    let (loss, phases) = try await computing {
      let loss = task.judge(observation.intensities)
      var slopes = loss.intensitySlopes
      for index in slopes.values.indices { slopes.values[index] *= observation.gain }
      return (loss, try twin.gradient(observation.tape, intensityGradient: slopes).layers.values)
    }
    self.init(
      .slopes(SetSlopes(phases: phases, readout: loss.readoutSlopes, objective: loss.objectiveSlopes)), loss: loss.loss,
      error: loss.error, discrepancy: observation.discrepancy, frames: observation.frames)
  }
}
