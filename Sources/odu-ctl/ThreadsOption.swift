import ArgumentParser
import Foundation

/// How many threads compute.
struct ThreadsOption: ParsableArguments {
  @Option(help: ArgumentHelp("Threads to compute with.", valueName: "count"))
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be in 1…1024, not \(threads).") }
  }
}
