import ArgumentParser
import Foundation
import Twin

/// Compares what a fit says with what a simulated bench has: how far off its values are, and whether its standard
/// deviations say so.
@main
struct TwinTruth: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin-truth", abstract: "Compares fits of simulated benches with their truth.")

  @Option(help: "realistic, own, few, twin, finer, second or secondOwn.") var plant: Plant.Kind?
  @Option(help: "The first seed.") var first: UInt64 = 1
  @Option(help: "How many seeds.") var seeds: UInt64 = 1
  @Flag(help: "Free 23 parameters instead of what the profile frees.") var few = false
  @Option(help: "Parameters of which the fit is told the truth, such as plane1Zernike*.") var told: String?
  @Flag(help: "Search from another start, too, and tell how far apart the two end.") var twice = false
  @Option(help: "Threads to compute with.") var threads = 2
  @Flag(help: "Print every parameter.") var verbose = false
  @Option(
    help: """
      Measure all rows of the results, or those of the plant, each with the seeds, and write them to this file, where \
      other lines stay.
      """)
  var output: String?

  func run() async throws {
    guard let output else {
      print(Outcome.heading)
      return try await measure(Row(plant: plant ?? .realistic, isFew: few, isTwice: twice)) { _ in }
    }
    var results = Results(keeping: (try? String(contentsOfFile: output, encoding: .utf8)) ?? "")
    for row in Row.all where plant == nil || row.plant == plant {
      print(row.title)
      try await measure(row) { outcome in
        results.add(outcome, to: row)
        // Whatever was measured is kept, also when a later fit is interrupted.
        try results.text.write(toFile: output, atomically: true, encoding: .utf8)
      }
    }
  }

  private func measure(_ row: Row, _ body: (Outcome) throws -> Void) async throws {
    for seed in first..<first + seeds {
      let told = told?.split(separator: ",").map(String.init) ?? []
      let plant = try await Plant(row.plant, seed: seed, given: told, threads: threads)
      let outcome = try Outcome(plant, seed: seed, row, threads: threads)
      print(outcome.line)
      if verbose { print(outcome.table) }
      try body(outcome)
    }
  }
}

extension Plant.Kind: ExpressibleByArgument {}
