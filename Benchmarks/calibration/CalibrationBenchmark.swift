import ArgumentParser
import Foundation

/// Measures what calibrations find on simulated benches, beside their truth.
@main
struct CalibrationBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-calibration",
    abstract: "Measures what calibrations find, beside the truth of simulated benches.")

  @Option(help: "Measure only rows whose names begin with this, of: \(Rows.all.map(\.name).joined(separator: ", ")).")
  var row: String?
  @Option(help: "The first seed.") var first: UInt64 = 1
  @Option(help: "How many seeds.") var seeds: UInt64 = 10
  @Option(help: "Threads to compute with.") var threads = 2
  @Option(help: "Where the page and, beside it, the numbers are kept; both keep what is not measured again.")
  var output: String?

  func validate() throws {
    let names = Rows.all.map(\.name)
    if let row, !names.contains(where: { $0.hasPrefix(row) }) {
      throw ValidationError("There is no row \(row); there are \(names.joined(separator: ", ")).")
    }
  }

  func run() async throws {
    let numbers = output.map { ($0 as NSString).deletingPathExtension + ".json" }
    var results = numbers.map { Results.load($0) } ?? Results()
    for row in Rows.all where row.name.hasPrefix(self.row ?? "") {
      print(row.title)
      for seed in first..<first + seeds {
        let found = try await row.measure(seed: seed, threads: threads)
        results.rows[row.title, default: [:]][seed] = found
        print(
          String(
            format: "  seed %d: %.4g %@, %d frames, %.1f s on the bench, %.0f s of computing; %@", Int(seed),
            found.value,
            row.unit, found.frames, found.benchTime, found.computing, found.note))
        // Whatever was measured is kept, also when a later seed is interrupted.
        if let output, let numbers {
          try results.save(numbers)
          try results.text.write(toFile: output, atomically: true, encoding: .utf8)
        }
      }
    }
  }
}
