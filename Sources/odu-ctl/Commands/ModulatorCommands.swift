import ArgumentParser
import Files

struct ModulatorGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slm", abstract: "Shows patterns on a modulator by hand.",
    subcommands: [ModulatorShow.self, ModulatorBlank.self])
}

/// What was shown where.
private struct Shown: Encodable {
  var pattern: String
  var device: String?
}

struct ModulatorShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a pattern: an 8-bit greyscale PNG or a uint8 .npy of the panel's size.",
    discussion: "Examples:\n  odu-ctl slm show grating.png\n  odu-ctl slm show blank")

  @Argument(help: "The file, or the word blank.")
  var file: String
  @Option(help: ArgumentHelp("The modulator; the first one when left out.", valueName: "name"))
  var device: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    if file == "blank" {
      try await connection.client.showBlank(on: device)
    } else {
      try await connection.client.show(pattern: AtomicFile.read(file), on: device)
    }
    try output.print(Shown(pattern: file, device: device)) { "" }
  }
}

struct ModulatorBlank: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blank", abstract: "Shows the pattern that is harmless to the bench.")

  @Option(help: ArgumentHelp("The modulator; the first one when left out.", valueName: "name"))
  var device: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await connection.client.showBlank(on: device)
    try output.print(Shown(pattern: "blank", device: device)) { "" }
  }
}
