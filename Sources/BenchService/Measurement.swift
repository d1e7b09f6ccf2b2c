import Arrays
import BenchAPI
import Devices
import Optics

/// A measurement as it was asked for, with its arrays checked against the bench.
struct Measurement: Sendable {
  let layers: Stack<Float>
  let inputs: Stack<Float>
  private let block: Int?
  private let unit: any BenchUnit

  init(_ request: MeasureRequest, bench: BenchEquipment, array: (String) throws -> Stack<Float>) throws {
    let twin = bench.file.twin
    let (count, grid, size) = (twin.geometry.layers, twin.geometry.grid, twin.input.size)
    layers = try array(request.layers)
    guard [layers.count, layers.height, layers.width] == [count, grid, grid] else {
      throw ServiceError.invalid(
        "layers \(request.layers): [\(layers.count), \(layers.height), \(layers.width)]; "
          + "this bench needs [\(count), \(grid), \(grid)]")
    }
    inputs = try request.inputs.map(array) ?? Stack(count: 1, height: size, width: size, repeating: 1)
    guard [inputs.height, inputs.width] == [size, size] else {
      throw ServiceError.invalid(
        "inputs \(request.inputs ?? ""): [\(inputs.count), \(inputs.height), \(inputs.width)]; "
          + "this bench needs [batch, \(size), \(size)]")
    }
    block = request.block
    unit = bench.unit
  }

  /// The frames of all inputs; `progress` is told how many there are so far.
  func frames(progress: (@Sendable (Int) -> Void)? = nil) async throws -> Stack<Float> {
    try await unit.measure(layers: layers, inputs: inputs, block: block, progress: progress)
  }
}
