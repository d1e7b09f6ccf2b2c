import Arrays
import BenchAPI
import Devices
import Files
import Measuring
import ServiceCore
import Twin

/// A measurement as it was asked for, with its arrays checked against the bench.
package struct Measurement: Sendable {
  package let layers: Stack<Float>
  package let inputs: Stack<Float>
  private let block: Int?
  private let unit: any BenchUnit

  /// - Parameters:
  ///   - array: an uploaded array, looked at before it is read.
  ///   - limit: bytes of all frames.
  ///   - inverse: chooses the commands, where layers are phases to be shown.
  package init(
    _ request: MeasureRequest, bench: BenchEquipment, array: (String) throws -> StackFile, limit: Int,
    showing inverse: PhaseInverse? = nil
  ) throws {
    let twin = bench.file.twin
    let (count, grid, size) = (twin.geometry.layers, twin.geometry.grid, twin.input.size)
    let layers = try array(request.layers)
    guard layers.shape == (count, grid, grid) else {
      throw ServiceError(
        .measurementShape,
        "layers \(request.layers): \(Self.text(layers.shape)); this bench needs [\(count), \(grid), \(grid)]")
    }
    let inputs = try request.inputs.map(array)
    if let inputs, (inputs.shape.height, inputs.shape.width) != (size, size) {
      throw ServiceError(
        .measurementShape,
        "inputs \(request.inputs ?? ""): \(Self.text(inputs.shape)); this bench needs [batch, \(size), \(size)]")
    }
    let block = request.block ?? twin.detector.block
    try Self.check(images: inputs?.shape.count ?? 1, side: grid / max(1, block), limit: limit)
    let phases = try layers.stack()
    try Self.check(phases, request.layers)
    self.layers = inverse?.commands(phases) ?? phases
    self.inputs = try inputs?.stack() ?? Stack(count: 1, height: size, width: size, repeating: 1)
    self.block = request.block
    unit = bench.unit
  }

  private static func text(_ shape: (count: Int, height: Int, width: Int)) -> String {
    "[\(shape.count), \(shape.height), \(shape.width)]"
  }

  /// Refuses frames that would not fit, before the bench measures them.
  private static func check(images: Int, side: Int, limit: Int) throws {
    let bytes = images.multipliedReportingOverflow(by: side * side * MemoryLayout<Float>.size)
    guard !bytes.overflow, bytes.partialValue <= limit else {
      throw ServiceError(
        .measurementTooLarge,
        "inputs: the frames of \(images) images have more than \(limit >> 20) MiB; measure fewer at a time")
    }
  }

  /// Bench and twin refuse the same phases.
  private static func check(_ layers: Stack<Float>, _ name: String) throws {
    guard let index = layers.values.firstIndex(where: { abs($0) > largestPhase }) else { return }
    throw ServiceError(
      .measurementValue,
      "layers \(name): a phase of \(layers.values[index]) rad is not in −10⁴…10⁴; only its fraction of a turn "
        + "is shown, which a number of this size does not resolve")
  }

  /// Radians.
  private static let largestPhase: Float = 1e4

  /// The frames of all inputs, and how they were made; `progress` receives how many there are so far.
  package func measured(progress: (@Sendable (Int) -> Void)? = nil) async throws -> Measured {
    try await unit.measure(layers: layers, inputs: inputs, block: block, progress: progress)
  }
}
