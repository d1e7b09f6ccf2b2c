import ArgumentParser
import BenchClient
import Files

struct CameraGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "camera", abstract: "Takes camera frames by hand.", subcommands: [CameraGrab.self])
}

struct CameraGrab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grab", abstract: "Takes one frame: uint16 .npy, or a 16-bit PNG when the name ends in .png.",
    discussion: "Example: odu-ctl camera grab --output frame.png")

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var output = "frame.npy"
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var printing: OutputOptions

  struct Grabbed: Encodable {
    var output: String
    var bytes: Int
  }

  func validate() throws {
    guard output.hasSuffix(".npy") || output.hasSuffix(".png") else {
      throw ValidationError("--output must end in .npy or .png, not \(output).")
    }
  }

  func run() async throws {
    let bytes = try await connection.client.frame(as: output.hasSuffix(".png") ? .png : .npy)
    try AtomicFile.write(bytes, to: output)
    try printing.print(Grabbed(output: output, bytes: bytes.count)) { output }
  }
}
