import ArgumentParser
import Arrays
import BenchAPI
import BenchFile
import DriverCatalogue
import Files
import Foundation
import Optics
import Twin

struct TwinGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin", abstract: "Computes what the bench would measure, its gradients, and what fits the bench.",
    subcommands: [TwinForward.self, TwinGradientCommand.self, TwinMeasure.self, TwinFitCommand.self])
}

/// What both twin commands read.
struct TwinOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String
  @Option(help: ArgumentHelp("Phases in radians, float32 or float64 [layers, h, w].", valueName: "file.npy"))
  var layers: String
  @Option(help: ArgumentHelp("Images, float32 or float64 [B, m, m].", valueName: "file.npy"))
  var input: String
  @Flag(help: "Compute and write in float64.")
  var double = false
  @Option(help: "The propagation engine (default: the bench file's choice).")
  var engine: EngineChoice?
  @OptionGroup var computing: ThreadsOption

  /// The twin of the bench file with the arrays to put on it.
  func load<Scalar: CommandScalar>() throws -> (twin: Twin<Scalar>, layers: Stack<Scalar>, inputs: Stack<Scalar>) {
    let file = try BenchFile.load(path: bench, drivers: .standard)
    let (geometry, size) = (file.twin.geometry, file.twin.input.size)
    let phases: Stack<Scalar> = try stack(layers, shape: [geometry.layers, geometry.grid, geometry.grid])
    let images: Stack<Scalar> = try stack(input, shape: [nil, size, size])
    var description = file.twin
    if let engine { description.geometry.engine = engine }
    let twin = try Twin<Scalar>(description, parameters: file.parameters, threads: computing.threads)
    return (twin, phases, images)
  }

  /// Says so when the band limit cuts; last, so that a refusal stands alone.
  func warn(of twin: Twin<some CommandScalar>) {
    if twin.description.geometry.bandLimit, let warning = twin.sampling.warning {
      StandardError.note("warning: \(warning)")
    }
  }
}

extension EngineChoice: ExpressibleByArgument {}

/// A file's array, of a shape in which nil is any length.
private func stack<Scalar: CommandScalar>(_ file: String, shape: [Int?]) throws -> Stack<Scalar> {
  let stack = try Scalar.stack(NPY.read(file))
  let found = [stack.count, stack.height, stack.width]
  guard zip(found, shape).allSatisfy({ $1 == nil || $0 == $1 }) else {
    let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
    throw FilesError.malformed(
      file: file, place: "shape", expected: "[\(expected)] as the bench file says, found \(found)")
  }
  return stack
}

struct TwinForward: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "The detector intensity of every image.",
    discussion: "Example: odu-ctl twin forward --bench b.yaml --layers l.npy --input x.npy --output y.npy")

  @OptionGroup var options: TwinOptions
  @Option(help: ArgumentHelp("Detector intensities [B, p, p].", valueName: "file.npy"))
  var output: String
  @OptionGroup var printing: OutputOptions

  struct Answer: Encodable {
    var output: String
    var shape: [Int]
    /// What computed.
    var engine: String
  }

  func run() throws {
    if options.double { try run(in: Double.self) } else { try run(in: Float.self) }
  }

  private func run<Scalar: CommandScalar>(in precision: Scalar.Type) throws {
    let file = try OutputFiles(output, besides: printing)
    let (twin, layers, inputs): (Twin<Scalar>, Stack<Scalar>, Stack<Scalar>) = try options.load()
    let array = Scalar.array(try twin.forward(layers: layers, inputs: inputs))
    try NPY.write(array, to: output)
    options.warn(of: twin)
    try file.print(Answer(output: output, shape: array.shape, engine: twin.engineName), printing) {
      "\(output): \(array.shape), by \(twin.engineName)"
    }
  }
}

struct TwinGradientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradient", abstract: "The gradient of a loss by the phases and by every active parameter.",
    discussion: """
      The loss is the mean over batch and detector samples of (Y - T)^2. The folder gets layers.npy, the derivative by \
      every phase, and parameters.json with the loss and the derivative by every parameter.

      Example: odu-ctl twin gradient --bench b.yaml --layers l.npy --input x.npy --target t.npy --output-dir d
      """)

  @OptionGroup var options: TwinOptions
  @Option(help: ArgumentHelp("Intensities to compare with, [B, p, p].", valueName: "file.npy"))
  var target: String
  @Option(help: ArgumentHelp("The folder for the results; created if necessary.", valueName: "dir"))
  var outputDir: String
  @OptionGroup var printing: OutputOptions

  struct Answer: Encodable {
    struct Parameter: Encodable {
      var value: Double
      var gradient: Double
      var unit: String
    }

    var loss: Double
    /// Every parameter that is free or not neutral.
    var parameters: [String: Parameter]
  }

  func run() throws {
    if options.double { try run(in: Double.self) } else { try run(in: Float.self) }
  }

  private func run<Scalar: CommandScalar>(in precision: Scalar.Type) throws {
    try AtomicFile.requireWritable(folder: outputDir)
    let (twin, layers, inputs): (Twin<Scalar>, Stack<Scalar>, Stack<Scalar>) = try options.load()
    let tape = try twin.record(layers: layers, inputs: inputs)
    let found = tape.intensities
    let wanted: Stack<Scalar> = try stack(target, shape: [found.count, found.height, found.width])
    var (loss, slope) = (0.0, found)
    for index in found.values.indices {
      let difference = found.values[index] - wanted.values[index]
      loss += Double(difference) * Double(difference)
      slope.values[index] = 2 * difference / Scalar(found.values.count)
    }
    let gradient = try twin.gradient(tape, intensityGradient: slope, ofParameters: true)
    let answer = Answer(
      loss: loss / Double(found.values.count),
      parameters: Dictionary(
        uniqueKeysWithValues: twin.parameters.active.map { parameter in
          let slope = Double(gradient.parameters[parameter.name] ?? 0)
          return (parameter.name, Answer.Parameter(value: parameter.value, gradient: slope, unit: parameter.unit))
        }))
    try write(Scalar.array(gradient.layers), answer)
    options.warn(of: twin)
    try printing.print(answer) { "loss \(answer.loss); the gradients are in \(outputDir)" }
  }

  private func write(_ layers: NPYArray, _ answer: Answer) throws {
    try AtomicFile.makeFolder(outputDir)
    try NPY.write(layers, to: outputDir + "/layers.npy")
    try AtomicFile.write([UInt8](APICoding.encode(answer)), to: outputDir + "/parameters.json")
  }
}
