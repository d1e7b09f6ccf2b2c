import ArgumentParser
import BenchFile
import Files
import Numerics
import Optics
import StrictYAML

struct OpticsGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optics", abstract: "Computes how light propagates.", subcommands: [OpticsPropagate.self])
}

extension FreeSpace.Method: ExpressibleByArgument {}

/// A value of an option, held to what a bench file may say.
private func value(of text: String, _ quantity: Quantity) throws -> Double {
  do {
    return try quantity.value(of: text)
  } catch {
    throw ValidationError(error.description)
  }
}

struct OpticsPropagate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propagate", abstract: "Propagates complex fields through free space.",
    discussion: """
      Example: odu-ctl optics propagate --input f.npy --output g.npy --pitch 9.2e-6 --wavelength 850e-9 \
      --distance 34.2e-3 --padding 2
      """)

  @Option(help: ArgumentHelp("complex64 or complex128, [H, W] or [B, H, W].", valueName: "file.npy"))
  var input: String
  @Option(
    help: ArgumentHelp("The fields after the distance, of the type and shape of the input.", valueName: "file.npy"))
  var output: String
  @Option(
    help: ArgumentHelp("Distance between samples.", valueName: "metres"), transform: { try value(of: $0, .pitch) })
  var pitch: Double
  @Option(
    help: ArgumentHelp("Vacuum wavelength.", valueName: "metres"), transform: { try value(of: $0, .wavelength) })
  var wavelength: Double
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Distance; negative propagates backwards.", valueName: "metres"),
    transform: { try value(of: $0, .path) })
  var distance: Double
  @Option(help: "Exact angular spectrum, its paraxial approximation, or the paper's kernel.")
  var method: FreeSpace.Method = .angularSpectrum
  @Option(help: ArgumentHelp("Width of the zero-padded plane in units of the input's.", valueName: "factor"))
  var padding = 1.0
  @Flag(inversion: .prefixedNo, help: "Cut the transfer function where the padded plane undersamples it.")
  var bandLimit = true
  @Flag(help: "With --no-band-limit, compute even if the distance undersamples the transfer function.")
  var allowUndersampling = false
  @OptionGroup var printing: OutputOptions

  struct Propagated: Encodable {
    var output: String
    var shape: [Int]
    /// The largest distance that the padded plane samples fully, in metres.
    var criticalDistance: Double
    /// The part of the frequency axis that was kept.
    var bandKept: Double
    /// What the band limit and the edges of the plane do to a field of random phases: the relative error of its propagation.
    var expectedError: Double?
    var warning: String?
  }

  func run() throws {
    let file = try OutputFiles(output, besides: printing)
    let array = try NPY.read(input)
    try array.requireFinite()
    let shape = try array.stackShape()
    let grid = PlaneGrid(height: shape.height, width: shape.width, pitch: pitch)
    let elements: NPYElements
    let sampling: SamplingReport
    switch array.elements {
    case .complex64(let values):
      let (propagated, report) = try propagate(values, count: shape.count, on: grid)
      (elements, sampling) = (.complex64(propagated), report)
    case .complex128(let values):
      let (propagated, report) = try propagate(values, count: shape.count, on: grid)
      (elements, sampling) = (.complex128(propagated), report)
    default:
      throw FilesError.malformed(
        file: input, place: "dtype", expected: "complex64 or complex128, found \(array.elements.typeName)")
    }
    let warning = bandLimit ? sampling.warning : sampling.isUndersampled ? sampling.violation : nil
    try NPY.write(NPYArray(shape: array.shape, elements: elements), to: output)
    if let warning { StandardError.note("warning: \(warning)") }
    let result = Propagated(
      output: output, shape: array.shape, criticalDistance: sampling.criticalDistance,
      bandKept: bandLimit ? sampling.partKept : 1, expectedError: bandLimit ? sampling.expectedError : nil,
      warning: warning)
    try file.print(result, printing) { "\(output): \(array.shape)" }
  }

  private func propagate<Scalar: OpticsScalar>(
    _ interleaved: [Scalar], count: Int, on grid: PlaneGrid
  ) throws -> ([Scalar], SamplingReport) {
    let space = FreeSpace(wavelength: wavelength, distance: distance, method: method)
    let propagator = try Propagator<Scalar>(
      grid: grid, space: space, padding: padding, bandLimit: bandLimit, allowUndersampling: allowUndersampling)
    var result: [Scalar] = []
    result.reserveCapacity(interleaved.count)
    for plane in 0..<count {
      let start = plane * grid.count
      let values = (start..<start + grid.count).map { Complex(interleaved[2 * $0], interleaved[2 * $0 + 1]) }
      for value in propagator.forward(Field(grid: grid, values: values)).values {
        result.append(value.real)
        result.append(value.imaginary)
      }
    }
    return (result, propagator.sampling)
  }
}
