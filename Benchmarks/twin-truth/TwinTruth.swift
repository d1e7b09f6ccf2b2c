import ArgumentParser
import Arrays
import BenchFile
import Calibration
import Foundation
import Optics
import Twin

/// Compares what a fit says with what a simulated bench has: how far off its values are, and whether its standard
/// deviations say so.
@main
struct TwinTruth: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin-truth", abstract: "Compares fits of simulated benches with their truth.")

  @Option(help: "realistic, own, few, twin or finer.") var plant = Plant.Kind.realistic
  @Option(help: "The first seed.") var first: UInt64 = 1
  @Option(help: "How many seeds.") var seeds: UInt64 = 1
  @Flag(help: "Free 23 parameters instead of what the profile frees.") var few = false
  @Option(help: "Threads to compute with.") var threads = 2
  @Flag(help: "Print every parameter.") var verbose = false

  func run() async throws {
    print(Outcome.heading)
    for seed in first..<first + seeds {
      let plant = try await Plant(plant, seed: seed, threads: threads)
      let names = few ? Plant.few : plant.file.parameters.free.map(\.name)
      let twin = try Twin<Double>(plant.file.twin, parameters: plant.file.parameters, threads: threads)
      var options = FitOptions()
      options.refusesSingular = false
      let began = Outcome.processorSeconds()
      let report = try twin.fit(plant.data, free: names, options: options)
      let outcome = Outcome(report, plant, seconds: Outcome.processorSeconds() - began)
      print(outcome.line(seed: seed))
      if verbose { print(outcome.table) }
    }
  }
}

extension Plant.Kind: ExpressibleByArgument {}
