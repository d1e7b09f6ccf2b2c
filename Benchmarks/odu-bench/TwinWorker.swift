import Arrays
import Foundation
import Optics
import Twin

/// The work through the twin, as training does it.
final class TwinWorker: Worker {
  private let work: Work
  private let twin: Twin<Float>
  private let inputs: Stack<Float>
  private let targets: [Float]
  private var layers: Stack<Float>
  private var slope: Stack<Float>
  private var tape: Tape<Float>
  private var gradient: TwinGradient<Float>
  private var mean: [Float]
  private var square: [Float]
  private var steps = 0

  init(_ work: Work) throws {
    self.work = work
    let geometry = GeometryDescription(
      kind: .planes, wavelength: Work.wavelength, pitch: Work.pitch, grid: work.size, layers: Work.layers,
      distance: Work.distance, padding: Double(work.padding))
    let input = InputDescription(size: Work.imageSize, block: max(1, 3 * work.size / 4 / Work.imageSize))
    twin = try Twin(
      TwinDescription(geometry: geometry, input: input, detector: DetectorDescription(block: 1)), threads: work.threads)
    inputs = work.images(seed: 1)
    targets = work.planes(seed: 2)
    layers = Stack(count: Work.layers, height: work.size, width: work.size, values: work.phases())
    slope = Stack(count: work.batch, height: work.size, width: work.size)
    tape = try twin.record(layers: layers, inputs: inputs)
    gradient = try twin.gradient(tape, intensityGradient: slope)
    mean = [Float](repeating: 0, count: layers.values.count)
    square = mean
  }

  /// Bytes that one thread works in, and that one image keeps for its gradient.
  var memory: (perThread: Int, perImage: Int) { twin.memory }

  func forward() throws { _ = try twin.forward(layers: layers, inputs: inputs) }

  func train() throws -> Double {
    tape = try twin.record(layers: layers, inputs: inputs, tape: tape)
    var loss = 0.0
    slope.values.withUnsafeMutableBufferPointer { slope in
      tape.intensities.values.withUnsafeBufferPointer { intensities in
        guard let slope = slope.baseAddress, let intensities = intensities.baseAddress else { return }
        slope.update(from: intensities, count: targets.count)
        for start in stride(from: 0, to: targets.count, by: work.planeCount) {
          targets.withUnsafeBufferPointer { targets in
            if let targets = targets.baseAddress { loss += work.compare(slope + start, targets + start) }
          }
        }
      }
    }
    try twin.gradient(tape, intensityGradient: slope, into: &gradient)
    step()
    return loss
  }

  /// Adam at a rate of 0.01 with the usual constants.
  private func step() {
    steps += 1
    let (first, second) = (1 - pow(0.9, Double(steps)), 1 - pow(0.999, Double(steps)))
    layers.values.withUnsafeMutableBufferPointer { values in
      guard let values = values.baseAddress else { return }
      Float.adam(
        values, gradient: gradient.layers.values, mean: &mean, square: &square, count: mean.count, beta1: 0.9,
        beta2: 0.999, rate: Float(0.01 / first), correction: Float(1 / second.squareRoot()), epsilon: 1e-8)
    }
  }
}
