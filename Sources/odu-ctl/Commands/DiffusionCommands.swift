import ArgumentParser
import BenchAPI
import Diffusion
import Files
import Foundation
import ReadableNumbers
import Scores

struct DiffusionGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diffusion", abstract: "Noise schedules and the energy of generation.",
    subcommands: [DiffusionSchedule.self, DiffusionEnergy.self])
}

struct DiffusionSchedule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "The noise schedule: beta, alphaBar and ln SNR for t = 1 … T.",
    discussion: """
      beta of `linear` goes from 1e-4 to 0.02 whatever T is. With few steps it therefore ends far from noise, and a sampler, \
      which begins with pure noise, then begins where no training was; a warning says so. `terminal` in the JSON has what \
      is left of the image after the last step.

      Example: odu-ctl diffusion schedule --kind linear --steps 1000 --json
      """)

  enum Kind: String, CaseIterable, ExpressibleByArgument { case linear, cosine }

  @Option(help: "The rule that beta follows.")
  var kind: Kind = .linear
  @Option(help: ArgumentHelp("The number of steps.", valueName: "T"))
  var steps = 1000
  @OptionGroup var output: OutputOptions

  struct Table: Encodable {
    var beta: [Double]
    var alphaBar: [Double]
    var lnSNR: [Double]
    var terminal: Terminal
  }

  /// What the last step leaves of the image.
  struct Terminal: Encodable {
    var alphaBar: Double
    /// The square root of `alphaBar`.
    var amplitude: Double
    /// `alphaBar` over the rest.
    var signalToNoise: Double
    /// Nil when the end is as good as noise.
    var warning: String?
  }

  /// The share of the image's power above which an end is no noise: a tenth of its amplitude.
  private static let noise = 0.01

  func validate() throws {
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must be in 1…100000, not \(steps).") }
  }

  func run() throws {
    let schedule = try NoiseSchedule(kind == .linear ? .linear : .cosine, steps: steps)
    let all = 1...steps
    let end = terminal(of: schedule)
    if let warning = end.warning { StandardError.note("warning: \(warning)") }
    let table = Table(
      beta: all.map(schedule.beta), alphaBar: all.map(schedule.alphaBar), lnSNR: all.map(schedule.lnSNR), terminal: end)
    try output.print(table) {
      let rows = all.map { t in
        ["\(t)"] + [schedule.beta(t), schedule.alphaBar(t), schedule.lnSNR(t)].map { number($0, significant: 9) }
      }
      return columns([["t", "beta", "alphaBar", "ln SNR"]] + rows)
    }
  }

  private func terminal(of schedule: NoiseSchedule) -> Terminal {
    let left = schedule.alphaBar(schedule.steps)
    var terminal = Terminal(
      alphaBar: left, amplitude: left.squareRoot(), signalToNoise: left / (1 - left), warning: nil)
    guard left > Self.noise else { return terminal }
    let percent = number(100 * terminal.amplitude, decimals: 0)
    terminal.warning = """
      after the last of \(steps) steps \(percent) % of the image's amplitude is left (alphaBar \(number(left))), where a \
      sampler begins with pure noise; take more steps\(kind == .linear ? " or --kind cosine" : "")
      """
    return terminal
  }
}

struct DiffusionEnergy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "energy", abstract: "Energy per image of digital networks and of the optical unit.",
    discussion: """
      Every assumption can be replaced: --assumptions names a JSON file with the ones to change, under the names that \
      --json prints.

      Example: odu-ctl diffusion energy --json
      """)

  @Option(help: ArgumentHelp("A JSON file with assumptions that differ from the paper's.", valueName: "file"))
  var assumptions: String?
  @OptionGroup var output: OutputOptions

  struct Answer: Encodable {
    var assumptions: EnergyModel
    /// Joules per image.
    var fullyConnectedEnergyPerImage: Double
    var uNetEnergyPerImage: Double
    var laboratoryEnergyPerImage: Double
    var projectedEnergyPerImage: Double
    var opticalEnergyPerImage: Double
    /// Images per second.
    var laboratoryImageRate: Double
    var photonsPerPixel: Double
    var opticalEnergyPerPixel: Double
    var modulatorEnergyPerPixel: Double
    var cameraEnergyPerPixel: Double
    var inconsistencies: [String]

    init(_ model: EnergyModel) {
      assumptions = model
      fullyConnectedEnergyPerImage = model.fullyConnected.energyPerImage
      uNetEnergyPerImage = model.uNet.energyPerImage
      laboratoryEnergyPerImage = model.laboratoryEnergyPerImage
      projectedEnergyPerImage = model.projectedEnergyPerImage
      opticalEnergyPerImage = model.opticalEnergyPerImage
      laboratoryImageRate = model.laboratoryImageRate
      photonsPerPixel = model.photonsPerPixel
      opticalEnergyPerPixel = model.opticalEnergyPerPixel
      modulatorEnergyPerPixel = model.modulatorEnergyPerPixel
      cameraEnergyPerPixel = model.cameraEnergyPerPixel
      inconsistencies = model.inconsistencies
    }
  }

  func run() throws {
    let answer = Answer(try model())
    try output.print(answer) {
      let rows = [
        ("fully connected network", answer.fullyConnectedEnergyPerImage), ("U-Net", answer.uNetEnergyPerImage),
        ("optical unit in the laboratory", answer.laboratoryEnergyPerImage),
        ("optical unit, only used pixels", answer.projectedEnergyPerImage),
        ("light alone", answer.opticalEnergyPerImage),
      ].map { [$0.0, "\(number($0.1, significant: 4)) J per image"] }
      return ([columns(rows)] + answer.inconsistencies.map { "note: \($0)" }).joined(separator: "\n")
    }
  }

  private func model() throws -> EnergyModel {
    guard let assumptions else { return EnergyModel() }
    let bytes = try AtomicFile.read(assumptions)
    do {
      let changes = try APICoding.decode([String: JSONValue].self, from: Data(bytes))
      guard case .object(let known) = try JSONValue(encoding: EnergyModel()) else { return EnergyModel() }
      if let unknown = changes.keys.sorted().first(where: { known[$0] == nil }) {
        throw FilesError.malformed(
          file: assumptions, place: unknown, expected: "one of \(known.keys.sorted().joined(separator: ", "))")
      }
      return try JSONValue.object(known.merging(changes) { $1 }).decoded()
    } catch let error as DecodingError {
      throw FilesError.malformed(
        file: assumptions, place: "content", expected: "JSON numbers by name: \(error.explanation)")
    }
  }
}
