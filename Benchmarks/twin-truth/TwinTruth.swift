import ArgumentParser
import Foundation
import Twin

/// Compares what a fit says with what a simulated bench has: how far off its values are, and whether its standard
/// deviations say so.
@main
struct TwinTruth: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin-truth", abstract: "Compares fits of simulated benches with their truth.")

  @Option(help: "realistic, own, few, twin, finer, second or secondOwn.") var plant = Plant.Kind.realistic
  @Option(help: "The first seed.") var first: UInt64 = 1
  @Option(help: "How many seeds.") var seeds: UInt64 = 1
  @Flag(help: "Free 23 parameters instead of what the profile frees.") var few = false
  @Flag(help: "Search from another start, too, and tell how far apart the two end.") var twice = false
  @Option(help: "Threads to compute with.") var threads = 2
  @Flag(help: "Print every parameter.") var verbose = false
  @Option(help: "Measure all rows of the results, each with the seeds, and write them to this file.")
  var output: String?

  func run() async throws {
    guard let output else {
      print(Outcome.heading)
      return try await measure(Row(plant: plant, isFew: few, isTwice: twice)) { _ in }
    }
    var results = Results(seeds: first..<first + seeds)
    for row in Row.all {
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
      let plant = try await Plant(row.plant, seed: seed, threads: threads)
      let outcome = try Outcome(plant, seed: seed, row, threads: threads)
      print(outcome.line)
      if verbose { print(outcome.table) }
      try body(outcome)
    }
  }
}

extension Plant.Kind: ExpressibleByArgument {}
