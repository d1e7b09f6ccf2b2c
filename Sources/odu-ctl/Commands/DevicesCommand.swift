import ArgumentParser
import BenchClient
import BenchFile
import Devices
import DriverCatalogue

struct DevicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "The devices of the bench, those of this machine, and why an expected one is missing.",
    discussion: """
      Without options: the devices of the daemon's bench, or those of this machine when no daemon runs. With --bench the \
      exit status is 1 when a device that the file asks for is missing or cannot be opened.

      Example: odu-ctl devices --bench my-bench.yaml
      """)

  @Flag(help: "Also list what the drivers find on this machine.")
  var all = false
  @Option(
    help: ArgumentHelp(
      "Say of each device that a bench file, or an installed profile, asks for whether it is there, and if not, why.",
      valueName: "file"))
  var bench: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let expected = try bench.map {
      try BenchFile.load(path: $0, drivers: .standard, forOpening: true).expectedDevices()
    }
    var listing = DeviceListing()
    do {
      listing.devices = try await connection.client.devices()
    } catch BenchClientError.unreachable(let socket, let failure) where failure.isAbsence {
      if expected == nil { StandardError.note("no daemon answers on \(socket); these are the devices of this machine") }
    } catch let error as BenchClientError where expected != nil {
      StandardError.note("\(error); the devices of the daemon's bench are left out")
    }
    if all || expected != nil || listing.devices == nil { listing.found = await DriverRegistry.standard.discover() }
    if let expected {
      let (found, facts) = (listing.unheld, MachineFacts.current)
      listing.expected = expected.map { $0.diagnose(found: found, facts: facts) }
    }
    try output.print(listing) { listing.text }
    if listing.expected?.contains(where: { !$0.usable }) ?? false { throw ExitCode.failure }
  }
}

extension BenchFile {
  /// The devices that must be there for this bench; those of a simulated one always are.
  fileprivate func expectedDevices() throws -> [ExpectedDevice] {
    guard let devices else { throw BenchFileError.noDevices(path: path) }
    let choices: [(role: String, kind: FoundDevice.Kind, choice: DeviceChoice?)] = [
      ("layerModulator", .modulator, devices.layerModulator), ("inputModulator", .modulator, devices.inputModulator),
      ("camera", .camera, devices.camera),
    ]
    return choices.compactMap { role, kind, choice in
      choice.map { ExpectedDevice(role: role, kind: kind, driver: $0.driver, settings: $0.settings) }
    }
  }
}
