import ArgumentParser
import BenchClient
import Foundation

struct Open: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Opens the daemon's page in the browser.",
    discussion: """
      The page comes through a port of this machine that only your own programs can use, with the token in the address, \
      until Ctrl-C. With --url the page of a daemon that listens on TCP is opened; it asks for a token.

      Examples:
        odu-ctl open
        odu-ctl open --print
        odu-ctl open --url https://bench.example:8443
      """)

  @Option(help: ArgumentHelp("The address of a daemon that listens on TCP.", valueName: "url"))
  var url: String?
  @Flag(help: "Print the address and start no browser.")
  var print = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  struct Answer: Encodable { var url: String }

  func validate() throws {
    guard let url else { return }
    guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme), parts.host != nil else {
      throw ValidationError("--url must be an address like http://127.0.0.1:8080, not \(url).")
    }
  }

  func run() async throws {
    if let url { return try show(url) }
    // A user who may not observe the bench should learn it here, not from a page.
    _ = try await connection.client.status()
    let forwarder = PageForwarder(socket: connection.socket)
    try await interruptible {
      do {
        try await forwarder.run { address in
          try show(address)
          StandardError.note("the page is there until this command ends; Ctrl-C ends it")
        }
      } catch is CancellationError {
        // That is how it ends.
      }
    }
  }

  private func show(_ address: String) throws {
    try output.print(Answer(url: address)) { address }
    let environment = ProcessInfo.processInfo.environment
    let hasScreen = ["DISPLAY", "WAYLAND_DISPLAY"].contains { !(environment[$0] ?? "").isEmpty }
    guard !print, hasScreen else { return }
    do {
      _ = try ChildProcess.start(["xdg-open", address], .apart)
    } catch {
      StandardError.note("no browser could be started; open the address yourself")
    }
  }
}
