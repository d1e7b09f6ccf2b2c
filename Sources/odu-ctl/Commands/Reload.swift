import ArgumentParser
import BenchAPI
import Foundation

struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the daemon read its bench file again; needs the role administer.",
    discussion: """
      When the file is wrong, the previous bench stays in force, the reason is printed and the exit status is 1.

      Example: odu-ctl bench validate /etc/odu/bench.yaml && odu-ctl reload
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let configuration = try await connection.client.reload()
    if output.json || configuration.problem == nil {
      try output.print(configuration) {
        "\(configuration.path) is in force, as it was read at \(configuration.loaded.ISO8601Format())"
      }
    }
    if let problem = configuration.problem { throw CommandFailure("\(problem)\nthe previous bench stays in force") }
  }
}
