import Arrays
import Optics
import Twin

/// Refines the twin from what the bench measured, a little on every batch.
///
/// The loss of a frame is ‖a·y − d‖²/(P·var d) with the best gain a, so that the laser's power plays no part. Parameters
/// move in units of their scale, by at most one unit a step, and never leave their bounds.
public struct TwinRefinement: Sendable {
  public private(set) var twin: Twin<Float>
  /// Frames that one step uses, and steps on different frames of each batch.
  public let frames: Int
  public let stepsPerBatch: Int
  /// The rate, in units of each parameter's scale.
  public let rate: CosineRate
  /// Batches that the cosine of the rate spans.
  public let totalSteps: Int
  private var adam: Adam<Double>
  private var tape: Tape<Float>?
  private let names: [String]

  /// - Parameters:
  ///   - sampling: samples along each side of a layer pixel with which the twin is refined. Sampled too coarsely, a twin
  ///     makes up for what it lacks by angles that are not there.
  ///   - names: the parameters to refine; the free ones when nil.
  ///   - rate: about 1 from an unknown alignment, about 0.05 from a calibrated one.
  public init(
    twin: Twin<Float>, sampling: Int = 2, names: [String]? = nil,
    rate: CosineRate = CosineRate(peak: 1, final: 0.02), totalSteps: Int, frames: Int = 8,
    stepsPerBatch: Int = 2
  ) throws {
    var description = twin.description
    description.geometry.sampling = max(sampling, description.geometry.sampling)
    var parameters = try names.map { try twin.parameters.freeing($0) } ?? twin.parameters
    for parameter in parameters.free { parameters[parameter.name] = parameter.released }
    self.twin = try Twin(description, parameters: parameters, threads: twin.threads)
    self.names = names ?? twin.parameters.free.map(\.name)
    self.rate = rate
    self.totalSteps = totalSteps
    self.frames = frames
    self.stepsPerBatch = max(1, stepsPerBatch)
    adam = Adam(count: self.names.count, beta1: 0.9, beta2: 0.99)
  }

  /// What moves from batch to batch.
  public struct State: Sendable, Codable, Equatable {
    var parameters: TwinParameters
    var adam: Adam<Double>
  }

  /// Where the refinement stands.
  public var state: State { State(parameters: twin.parameters, adam: adam) }

  /// Goes on from where a refinement of the same twin stood.
  public mutating func restore(_ state: State) throws {
    guard state.adam.count == names.count else {
      throw TrainingError.checkpoint("it refines \(state.adam.count) parameters, and this twin has \(names.count)")
    }
    twin = try twin.with(state.parameters)
    adam = state.adam
  }

  /// The steps of one batch, each on frames of its own as far as there are enough.
  ///
  /// - Parameter measured: intensities of the bench at one sample per grid sample.
  /// - Returns: the loss before the first step.
  @discardableResult
  public mutating func refine(layers: Stack<Float>, inputs: Stack<Float>, measured: Stack<Float>) throws -> Double {
    let count = min(frames, inputs.count)
    var first: Double?
    for step in 0..<stepsPerBatch {
      let start = min(step * count, inputs.count - count)
      let range = start..<start + count
      let loss = try self.step(layers: layers, inputs: inputs.planes(range), measured: measured.planes(range))
      first = first ?? loss
    }
    return first ?? 0
  }

  private mutating func step(layers: Stack<Float>, inputs: Stack<Float>, measured: Stack<Float>) throws -> Double {
    let tape = try twin.record(layers: layers, inputs: inputs, block: 1, tape: tape)
    self.tape = tape
    let (loss, gradient) = Self.loss(tape.intensities, measured)
    let slopes = try twin.gradient(tape, intensityGradient: gradient, ofParameters: true).parameters
    let parameters = names.compactMap { twin.parameters.parameter(named: $0) }
    let before = parameters.map { $0.value / $0.scale }
    var values = before
    adam.step(
      &values, gradient: parameters.map { (slopes[$0.name] ?? 0) * $0.scale },
      rate: rate(adam.steps, of: totalSteps * stepsPerBatch))
    var moved = twin.parameters
    for (index, parameter) in parameters.enumerated() where values[index].isFinite {
      let change = min(max(values[index] - before[index], -1), 1)
      moved[parameter.name] = parameter.value + change * parameter.scale
    }
    // A step to where no bench can be is not taken.
    if let next = try? twin.with(moved.clamped()) { twin = next }
    return loss
  }

  /// The mean loss over frames and its gradient by the computed intensities.
  static func loss(_ computed: Stack<Float>, _ measured: Stack<Float>) -> (Double, Stack<Float>) {
    var gradient = computed
    var total = 0.0
    for plane in 0..<computed.count {
      let range = computed.range(ofPlane: plane)
      var (product, square, sum, sumSquare) = (0.0, 0.0, 0.0, 0.0)
      for index in range {
        let (y, d) = (Double(computed.values[index]), Double(measured.values[index]))
        product += y * d
        square += y * y
        sum += d
        sumSquare += d * d
      }
      let count = Double(range.count)
      let gain = square > 0 ? product / square : 0
      let variance = max(sumSquare / count - (sum / count) * (sum / count), .leastNormalMagnitude)
      let scale = 1 / (variance * count * Double(computed.count))
      for index in range {
        let residual = gain * Double(computed.values[index]) - Double(measured.values[index])
        total += residual * residual * scale
        gradient.values[index] = Float(2 * gain * residual * scale)
      }
    }
    return (total, gradient)
  }
}
