import ArgumentParser
import Arrays
import BenchAPI
import BenchClient
import Diffusion
import Files
import Foundation
import Program

struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Generates images with a trained model, through the twin or through the bench.",
    discussion: """
      --on twin computes in this process, with any bench file. --on bench runs a daemon of its own for the duration; with \
      --socket a running daemon is used for either.

      Example: odu-ctl generate --model model --on bench --bench simulated --sampler ddim --steps 50 --count 64 \
      --output samples.npy --png grid.png
      """)

  enum Medium: String, CaseIterable, ExpressibleByArgument { case twin, bench }

  @Option(help: ArgumentHelp("The folder that `train` wrote.", valueName: "dir"))
  var model: String
  @Option(help: "What computes the denoising.")
  var on: Medium
  @Option(
    help: SamplerCatalogue.standard.help("The rule of the reverse diffusion in place of the recipe's."),
    completion: SamplerCatalogue.standard.completion)
  var sampler: String?
  @Option(help: ArgumentHelp("Denoising steps; those of the model's recipe otherwise.", valueName: "K"))
  var steps: Int?
  @Option(help: ArgumentHelp("How many images.", valueName: "N"))
  var count = JobDefaults.images
  @Option(
    help: ArgumentHelp(
      "Factor by which the contrast of early estimates is raised; that of the model's recipe otherwise.",
      valueName: "factor")
  )
  var contrast: Double?
  @Option(help: ArgumentHelp("Seed of the noise.", valueName: "S"))
  var seed = JobDefaults.seed
  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String?
  @Option(help: ArgumentHelp("The Unix socket of a running daemon.", valueName: "path"))
  var socket: String?
  @OptionGroup var computing: ThreadsOption
  @Option(help: ArgumentHelp("The samples, float32 [N, h, w] in 0…1.", valueName: "file.npy"))
  var output: String
  @Option(help: ArgumentHelp("A picture of all samples.", valueName: "file.png"))
  var png: String?
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard bench == nil || socket == nil else { throw ValidationError("Give --bench or --socket, not both.") }
    // A running daemon decides by its own lists, which may have more.
    guard socket == nil else { return }
    if let sampler { try SamplerCatalogue.standard.validate(sampler, option: "--sampler") }
    try JobSession.check(request())
  }

  func run() async throws {
    let files = try png.map { try OutputFiles(output, $0, besides: printing) } ?? OutputFiles(output, besides: printing)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("odu-\(UUID().uuidString)").path
    let result: JSONValue
    do {
      result = try await JobSession(bench: bench, socket: socket, threads: computing.threads).perform(
        request(), output: folder)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    let samples = try NPY.read(folder + "/samples.npy")
    do {
      try write(samples)
    } catch {
      StandardError.note("the samples are kept in \(folder)/samples.npy")
      throw error
    }
    try? FileManager.default.removeItem(atPath: folder)
    try files.print(result, printing) { "\(output): \(samples.shape)" }
  }

  private func request() throws -> JobRequest {
    try JobRequest(
      kind: "generate",
      encoding: GenerateRequest(
        model: URL(fileURLWithPath: model).path, on: on.rawValue, sampler: sampler, steps: steps, count: count,
        seed: seed, contrast: contrast))
  }

  private func write(_ samples: NPYArray) throws {
    try NPY.write(samples, to: output)
    guard let png else { return }
    let images = try Stack<Float>(npy: samples)
    let columns = Int(Double(images.count).squareRoot().rounded(.up))
    try AtomicFile.write(ImageGrid(images, columns: columns, scale: 4, gap: 8).png(), to: png)
  }
}
