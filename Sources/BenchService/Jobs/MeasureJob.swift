import Arrays
import BenchAPI
import Optics

/// Measures patterns on the bench; the frames are the artefact `frames.npy`, `[batch, height, width]`.
struct MeasureJob: JobRoutine {
  /// The shape of the frames.
  struct Result: Encodable, Sendable {
    var shape: [Int]
  }

  static let kind = "measure"
  private let request: MeasureRequest

  init(_ parameters: MeasureRequest) throws {
    if let block = parameters.block, block < 1 { throw ServiceError.invalid("block: \(block) is not positive") }
    request = parameters
  }

  func run(in context: JobContext) async throws -> Result {
    let measurement = try Measurement(request, bench: context.bench, array: context.array)
    let total = measurement.inputs.count
    var values: [Float] = []
    var shape = [0, 0, 0]
    context.progress("measure", 0, of: total)
    for first in stride(from: 0, to: total, by: Self.batch) {
      try context.checkCancellation()
      let last = min(first + Self.batch, total)
      let frames = try await measurement.frames(first..<last)
      values.append(contentsOf: frames.values)
      shape = [shape[0] + frames.count, frames.height, frames.width]
      context.progress("measure", last, of: total)
    }
    try context.write(Stack(count: shape[0], height: shape[1], width: shape[2], values: values), as: "frames.npy")
    return Result(shape: shape)
  }

  private static let batch = 16
}
