import ArgumentParser
import BenchClient
import Files

struct ModulatorGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slm", abstract: "Shows patterns on a modulator.",
    subcommands: [ModulatorShow.self, ModulatorBlank.self, ModulatorShown.self])
}

/// What was shown where.
private struct Shown: Encodable {
  var pattern: String
  var device: String?
}

/// Which modulator shows something.
struct ModulatorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The modulator; the first one when left out.", valueName: "name"),
    completion: Completions.modulators)
  var device: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func showBlank() async throws { try await show("blank") { try await $0.showBlank(on: $1) } }

  /// Has the daemon show something, and says so under a name.
  func show(_ name: String, by request: (BenchClient, String?) async throws -> Void) async throws {
    try await request(connection.client, device)
    try output.print(Shown(pattern: name, device: device)) { "" }
  }
}

struct ModulatorShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a pattern: an 8-bit greyscale PNG or a uint8 .npy of the panel's size.",
    discussion: "Examples:\n  odu-ctl slm show grating.png\n  odu-ctl slm show blank")

  @Argument(help: "The file, or the word blank.", completion: .file())
  var file: String
  @OptionGroup var modulator: ModulatorOptions

  func run() async throws {
    if file == "blank" { return try await modulator.showBlank() }
    try await modulator.show(file) { client, device in
      try await client.show(pattern: AtomicFile.read(file), on: device)
    }
  }
}

struct ModulatorBlank: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blank", abstract: "Shows the pattern that is harmless to the bench.",
    discussion: "Example: odu-ctl slm blank")

  @OptionGroup var modulator: ModulatorOptions

  func run() async throws { try await modulator.showBlank() }
}

struct ModulatorShown: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shown", abstract: "Writes what a modulator shows: uint8 .npy, or a PNG when the name ends in .png.",
    discussion: "Example: odu-ctl slm shown --output pattern.png")

  @Option(
    help: ArgumentHelp("The modulator; the first one when left out.", valueName: "name"),
    completion: Completions.modulators)
  var device: String?
  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var output = "pattern.npy"
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws { _ = try pictureFormat(of: output) }

  func run() async throws {
    let file = try OutputFiles(output, besides: printing)
    let client = connection.client
    let name = if let device { device } else { try await first(client) }
    let bytes = try await client.shownPattern(on: name, as: pictureFormat(of: output))
    try AtomicFile.write(bytes, to: output)
    try file.print(WrittenFile(output: output, bytes: bytes.count), printing) { output }
  }

  private func first(_ client: BenchClient) async throws -> String {
    guard let modulator = try await client.devices().first(where: { $0.kind == .modulator }) else {
      throw CommandFailure("the bench is not there; odu-ctl status says why")
    }
    return modulator.name
  }
}
