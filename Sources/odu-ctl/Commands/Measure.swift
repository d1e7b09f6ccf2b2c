import ArgumentParser
import BenchAPI
import BenchClient
import Files
import Foundation

struct Measure: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures detector frames for phase layers and images.",
    discussion: "Example: odu-ctl measure --patterns layers.npy --input images.npy --output frames.npy")

  @Option(help: ArgumentHelp("Phases in radians, float32 or float64 [layers, grid, grid].", valueName: "file.npy"))
  var patterns: String
  @Option(
    help: ArgumentHelp("Images in 0…1, [batch, size, size] (default: one white image).", valueName: "file.npy"))
  var input: String?
  @Option(help: ArgumentHelp("Grid samples along each side of a detector sample.", valueName: "count"))
  var block: Int?
  @Flag(help: "The layers are what the modulator receives, whatever it shows by its calibrated response.")
  var commands = false
  @Option(help: ArgumentHelp("The frames, float32 [batch, height, width].", valueName: "file.npy"))
  var output: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  struct Measured: Encodable {
    var output: String
    var shape: [Int]
    /// How the frames were made.
    var evidence: MeasureEvidence
  }

  func run() async throws {
    let file = try OutputFiles(output, besides: printing)
    let client = connection.client
    let name = "measure-\(UInt64.random(in: 0..<UInt64.max))"
    let uploads = [("\(name)-layers", patterns)] + (input.map { [("\(name)-inputs", $0)] } ?? [])
    let measured: MeasureResponse
    do {
      var images = 1
      for (name, path) in uploads {
        let array = try NPY.read(path)
        images = array.shape.first ?? 0
        try await client.put(array: name, npy: NPY.encode(array))
      }
      let request = MeasureRequest(
        layers: uploads[0].0, inputs: input.map { _ in uploads[1].0 }, block: block, commands: commands ? true : nil)
      measured = try await measure(request, images: input == nil ? 1 : images, on: client)
    } catch {
      await remove(uploads.map(\.0), from: client)
      throw named(error, after: uploads)
    }
    await remove(uploads.map(\.0), from: client)
    let frames = [UInt8](measured.frames)
    let shape = try NPY.decode(frames, source: "the daemon's answer").shape
    try AtomicFile.write(frames, to: output)
    try file.print(Measured(output: output, shape: shape, evidence: measured.evidence), printing) {
      "\(output): \(shape)"
    }
  }

  /// Few images at once, many as a job, whose progress is shown and which can be interrupted. A job would wait for the end
  /// of the lease.
  private func measure(_ request: MeasureRequest, images: Int, on client: BenchClient) async throws -> MeasureResponse {
    if images <= Self.imagesAtOnce || client.leaseToken != nil { return try await client.measureWithEvidence(request) }
    return try await interruptible {
      let job = try await client.perform(JobRequest(kind: "measure", encoding: request))
      let frames = try await client.acrossRestarts { try await client.artefact("frames.npy", of: job.id) }
      let evidence = try await client.acrossRestarts { try await client.artefact("evidence.json", of: job.id) }
      return MeasureResponse(
        frames: Data(frames), evidence: try APICoding.decode(MeasureEvidence.self, from: Data(evidence)))
    }
  }

  private static let imagesAtOnce = 32

  /// The daemon's refusal with the files' names in place of the uploads'.
  private func named(_ error: any Error, after uploads: [(String, String)]) -> any Error {
    guard case BenchClientError.refused(let status, let code, let cause, let message) = error else { return error }
    let words = uploads.reduce(message) { $0.replacing($1.0, with: $1.1) }
    return BenchClientError.refused(status: status, code: code, cause: cause, message: words)
  }

  /// Arrays that were never uploaded are none of the user's concern.
  private func remove(_ names: [String], from client: BenchClient) async {
    for name in names { try? await client.delete(array: name) }
  }
}
