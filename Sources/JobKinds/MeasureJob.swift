import Arrays
import BenchAPI
import Jobs
import Lending

/// Measures patterns on the bench; the frames are the artefact `frames.npy`, `[batch, height, width]`.
struct MeasureJob: JobRoutine {
  /// The shape of the frames.
  struct Result: Encodable, Sendable {
    var shape: [Int]
  }

  typealias Parameters = MeasureRequest
  static let kind = "measure"
  private let request: MeasureRequest

  init(_ parameters: MeasureRequest) { request = parameters }

  func run(in context: any JobHost) async throws -> Result {
    let measurement = try Measurement(
      request, bench: context.bench, array: context.array, limit: context.frameBytes)
    let total = measurement.inputs.count
    context.progress("measure", 0, of: total)
    let frames = try await measurement.frames { context.progress("measure", $0, of: total) }
    try context.write(frames, as: "frames.npy")
    return Result(shape: [frames.count, frames.height, frames.width])
  }
}
