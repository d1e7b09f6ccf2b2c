import Devices
import Twin

/// The devices of a bench file, opened, and the bench that they make.
public struct AssembledBench: Sendable {
  public let bench: Bench
  public let modulators: [any SpatialLightModulator]
  public let camera: any Camera
  public let clock: any BenchClock
  /// The true values at the start by the twin's parameter names, where there are any; nil for a bench that exists.
  public let truth: [String: Double]?
}

extension BenchFile {
  /// Opens the devices and puts them together.
  ///
  /// The safe patterns are on the panels before anything else is opened.
  ///
  /// - Parameter watch: tells when a device may be back after it was unplugged.
  /// - Throws: ``BenchFileError/noDevices(path:)``, `DeviceError` when a driver is unknown or a device cannot be opened,
  ///   what a driver throws that reads a section of its own, and `BenchError` when the layout does not fit the devices.
  public func assemble(watch: (any DeviceWatch)? = nil) async throws -> AssembledBench {
    guard let devices else { throw BenchFileError.noDevices(path: path) }
    var drivers = drivers
    let set = try deviceSet()
    if let set { drivers.register(set.driver) }
    // Both are opened, and so made safe, before it is said that one of them is missing.
    let first = await drivers.opened(devices.layerModulator, role: "layers")
    var second: Result<any SpatialLightModulator, any Error>?
    if let choice = devices.inputModulator { second = await drivers.opened(choice, role: "input") }
    let (layers, input) = (try first.get(), try second?.get())
    let camera = try await drivers.camera(driver: devices.camera.driver, settings: devices.camera.settings)
    let clock: any BenchClock = set?.clock ?? MonotonicClock()
    let bench = try Bench(
      layerModulator: layers, inputModulator: input, camera: camera, clock: clock,
      watch: set == nil ? watch : nil, layout: devices.layout,
      detectorBlock: twin.detector.block)
    return AssembledBench(
      bench: bench, modulators: [layers] + (input.map { [$0] } ?? []), camera: camera, clock: clock,
      truth: set?.truth?.filter { parameters.names.contains($0.key) })
  }
}

extension BenchFile {
  /// The devices that a driver makes from its own section; nil when each is opened by itself.
  /// - Throws: what the driver throws.
  func deviceSet() throws -> DeviceSet? {
    guard let devices, let shared = driverSections[devices.layerModulator.driver] else { return nil }
    return try shared.open(optics: NominalOptics(twin), layout: devices.layout)
  }
}

extension DriverRegistry {
  /// Opens a modulator; `role` tells a driver that has several which one is meant.
  fileprivate func opened(_ choice: DeviceChoice, role: String) async -> Result<any SpatialLightModulator, any Error> {
    let settings = choice.settings.merging(["role": role]) { stated, _ in stated }
    do {
      return .success(try await modulator(driver: choice.driver, settings: settings))
    } catch {
      return .failure(error)
    }
  }
}

extension NominalOptics {
  /// What a twin's description says to those that know no twin.
  public init(_ twin: TwinDescription) {
    let (geometry, input) = (twin.geometry, twin.input)
    let encoding: Encoding =
      switch input.encoding {
      case .amplitude: .amplitude
      case .intensity: .intensity
      case .phase: .phase
      case .binary: .binary
      }
    self.init(
      kind: geometry.kind == .cavity ? .cavity : .planes, wavelength: geometry.wavelength, pitch: geometry.pitch,
      grid: geometry.grid, layers: geometry.layers, distance: geometry.distance, encoding: encoding,
      imageSize: input.size, imageBlock: input.block, detectorX: twin.detector.region?.x ?? 0,
      detectorY: twin.detector.region?.y ?? 0)
  }
}
