import Arrays
import Concurrency
import Foundation
import Optics

/// The work on an engine directly: what a twin of this light path costs at least. The fields between the layers stay with the
/// thread that computes them, image after image.
final class EngineWorker: Worker, @unchecked Sendable {
  let work: Work
  let engine: any PropagationEngine<Float>
  private let transfer: TransferFunction<Float>
  private let amplitudes: AlignedBuffer<Float>
  private let targets: AlignedBuffer<Float>
  private let phases: AlignedBuffer<Float>
  private let gradient: AlignedBuffer<Float>
  private let mean: AlignedBuffer<Float>
  private let square: AlignedBuffer<Float>
  private let transmissions: AlignedBuffer<Float>
  private let groups: [Group]
  private var steps = 0

  /// What one thread needs.
  private final class Group: @unchecked Sendable {
    let state: EngineState<Float>
    let phasor: AlignedBuffer<Float>
    let saved: AlignedBuffer<Float>
    let end: AlignedBuffer<Float>
    let intensity: AlignedBuffer<Float>
    let gradient: AlignedBuffer<Float>
    var loss = 0.0

    init(_ engine: any PropagationEngine<Float>) {
      state = engine.makeState()
      phasor = AlignedBuffer(count: 2 * engine.plane.count)
      saved = AlignedBuffer(count: 2 * Work.layers * engine.planeCount)
      end = AlignedBuffer(count: 2 * engine.planeCount)
      intensity = AlignedBuffer(count: engine.plane.count)
      gradient = AlignedBuffer(count: Work.layers * engine.planeCount)
    }
  }

  init(_ work: Work, choice: EngineChoice = .automatic) throws {
    self.work = work
    let plane = PlaneGrid(side: work.size, pitch: Work.pitch)
    let canvas = PlaneGrid(side: work.size * work.padding, pitch: Work.pitch)
    let engine: any PropagationEngine<Float> = try Engines.make(plane: plane, canvas: canvas, choice: choice)
    self.engine = engine
    transfer = engine.makeTransfer(
      space: FreeSpace(wavelength: Work.wavelength, distance: Work.distance), bandLimit: true)
    func buffer(_ values: [Float]) -> AlignedBuffer<Float> {
      let buffer = AlignedBuffer<Float>(count: values.count)
      buffer.pointer.update(from: values, count: values.count)
      return buffer
    }
    amplitudes = buffer(work.planes(seed: 1))
    targets = buffer(work.planes(seed: 2))
    phases = buffer(work.phases())
    gradient = AlignedBuffer(count: Work.layers * work.planeCount)
    mean = AlignedBuffer(count: gradient.count)
    square = AlignedBuffer(count: gradient.count)
    transmissions = AlignedBuffer(count: 2 * Work.layers * engine.planeCount)
    groups = (0..<work.threads).map { _ in Group(engine) }
    fillTransmissions()
  }

  /// Memory in bytes that each thread's light takes.
  var stateBytes: Int { groups[0].state.byteCount }

  func forward() {
    eachImage { image, group in
      propagate(image, group, keeping: nil)
      engine.leave(field: nil, intensity: group.intensity.pointer, group.state)
    }
  }

  func train() -> Double {
    for group in groups {
      group.loss = 0
      group.gradient.pointer.update(repeating: 0, count: group.gradient.count)
    }
    eachImage { image, group in
      propagate(image, group, keeping: group.saved.pointer)
      engine.leave(field: group.end.pointer, intensity: group.intensity.pointer, group.state)
      group.loss += work.compare(group.intensity.pointer, targets.pointer + image * work.planeCount)
      propagateBack(group)
    }
    reduce()
    step()
    fillTransmissions()
    return groups.reduce(0) { $0 + $1.loss }
  }

  private func eachImage(_ body: @Sendable (_ image: Int, _ group: Group) -> Void) {
    let (batch, groups) = (work.batch, groups)
    concurrently(groups.count, threads: work.threads) { index in
      for image in index * batch / groups.count..<(index + 1) * batch / groups.count { body(image, groups[index]) }
    }
  }

  private func propagate(_ image: Int, _ group: Group, keeping saved: UnsafeMutablePointer<Float>?) {
    let count = 2 * engine.planeCount
    engine.enter(amplitude: amplitudes.pointer + image * work.planeCount, group.state)
    engine.hop(transfer, conjugate: false, group.state)
    for layer in 0..<Work.layers {
      engine.cross(transmissions.pointer + layer * count, saving: saved.map { $0 + layer * count }, group.state)
      engine.hop(transfer, conjugate: false, group.state)
    }
  }

  /// From ∂L/∂I, in the group's intensity, to the first layer.
  private func propagateBack(_ group: Group) {
    let count = engine.planeCount
    engine.enterAdjoint(field: group.end.pointer, weights: group.intensity.pointer, group.state)
    for layer in (0..<Work.layers).reversed() {
      engine.hop(transfer, conjugate: true, group.state)
      engine.crossBack(
        transmissions.pointer + 2 * layer * count, before: group.saved.pointer + 2 * layer * count,
        phaseGradient: group.gradient.pointer + layer * count, continues: layer > 0, group.state)
    }
  }

  private func reduce() {
    concurrently(Work.layers, threads: work.threads) { layer in
      let offset = layer * engine.planeCount
      let total = groups[0].gradient.pointer + offset
      for group in groups.dropFirst() {
        let other = group.gradient.pointer + offset
        for index in 0..<engine.planeCount { total[index] += other[index] }
      }
      engine.unpack(real: total, into: gradient.pointer + layer * work.planeCount)
    }
  }

  /// Adam at a rate of 0.01 with the usual constants.
  private func step() {
    steps += 1
    let (first, second) = (1 - pow(0.9, Double(steps)), 1 - pow(0.999, Double(steps)))
    concurrently(Work.layers, threads: work.threads) { layer in
      let offset = layer * work.planeCount
      Float.adam(
        phases.pointer + offset, gradient: gradient.pointer + offset, mean: mean.pointer + offset,
        square: square.pointer + offset, count: work.planeCount, beta1: 0.9, beta2: 0.999, rate: Float(0.01 / first),
        correction: Float(1 / second.squareRoot()), epsilon: 1e-8)
    }
  }

  private func fillTransmissions() {
    concurrently(groups.count, threads: work.threads) { index in
      let phasor = groups[index].phasor
      for layer in stride(from: index, to: Work.layers, by: groups.count) {
        Float.phasor(of: phases.pointer + layer * work.planeCount, into: phasor.pointer, count: work.planeCount)
        engine.pack(complex: phasor.pointer, into: transmissions.pointer + 2 * layer * engine.planeCount)
      }
    }
  }
}
