import Arrays
import BenchAPI
import Jobs
import Lending

/// Measures patterns on the bench; the frames are the artefact `frames.npy`, `[batch, height, width]`, and how they were made is
/// `evidence.json`.
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
    let bench = try await context.calibratedBench()
    let measurement = try Measurement(
      request, bench: context.bench, array: context.array, limit: context.frameBytes,
      showing: request.areCommands ? nil : bench.inverse(for: bench.meaning))
    let total = measurement.inputs.count
    context.progress("measure", 0, of: total)
    let measured = try await measurement.measured { context.progress("measure", $0, of: total) }
    let frames = measured.intensities
    try context.write(frames, as: "frames.npy")
    try context.write([UInt8](APICoding.encode(MeasureEvidence(measured))), as: "evidence.json")
    return Result(shape: [frames.count, frames.height, frames.width])
  }
}
