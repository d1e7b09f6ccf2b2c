import Devices

/// A device of the bench file: which driver opens it, and with what.
public struct DeviceChoice: Sendable, Codable, Equatable {
  public var driver: String
  public var settings: [String: String]

  public init(driver: String, settings: [String: String] = [:]) {
    self.driver = driver
    self.settings = settings
  }
}

/// The devices of a bench, and where things sit on them.
public struct BenchDevices: Sendable, Codable, Equatable {
  public var layerModulator: DeviceChoice
  /// Nil when the image is shown on the layer modulator.
  public var inputModulator: DeviceChoice?
  public var camera: DeviceChoice
  public var layout: BenchLayout

  /// The same devices, all opened by one driver that needs no settings of theirs.
  func opened(by driver: String) -> BenchDevices {
    var devices = self
    devices.layerModulator = DeviceChoice(driver: driver)
    devices.inputModulator = inputModulator.map { _ in DeviceChoice(driver: driver) }
    devices.camera = DeviceChoice(driver: driver)
    return devices
  }

  /// All devices.
  public var choices: [DeviceChoice] { [layerModulator, inputModulator, camera].compactMap(\.self) }
}
