import ArgumentParser
import BenchAPI
import Diffusion
import Files
import Foundation

struct DiffusionGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diffusion", abstract: "Noise schedules and the energy of generation.",
    subcommands: [DiffusionSchedule.self, DiffusionEnergy.self])
}

struct DiffusionSchedule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "The noise schedule: beta, alphaBar and ln SNR for t = 1 … T.",
    discussion: "Example: odu-ctl diffusion schedule --kind linear --steps 1000 --json")

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
  }

  func validate() throws {
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must be in 1…100000, not \(steps).") }
  }

  func run() throws {
    let schedule = try NoiseSchedule(kind == .linear ? .linear : .cosine, steps: steps)
    let all = 1...steps
    let table = Table(
      beta: all.map(schedule.beta), alphaBar: all.map(schedule.alphaBar), lnSNR: all.map(schedule.lnSNR))
    try output.print(table) {
      let rows = all.map { t in
        ["\(t)"] + [schedule.beta(t), schedule.alphaBar(t), schedule.lnSNR(t)].map { String(format: "%.9g", $0) }
      }
      return columns([["t", "beta", "alphaBar", "ln SNR"]] + rows)
    }
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
      ].map { [$0.0, String(format: "%.4g J per image", $0.1)] }
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
