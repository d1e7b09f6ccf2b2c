import ArgumentParser
import BenchAPI

struct Devices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The devices of the bench.", discussion: "Example: odu-ctl devices")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let devices = try await connection.client.devices()
    try output.print(DeviceList(devices: devices)) { Self.table(devices) }
  }

  static func table(_ devices: [DeviceStatus]) -> String {
    columns(
      [["NAME", "KIND", "DRIVER", "PIXELS", "STATE"]]
        + devices.map { device in
          let state = device.message.map { "\(device.state): \($0)" } ?? device.state
          return [device.name, device.kind.rawValue, device.driver, "\(device.width)x\(device.height)", state]
        })
  }
}
