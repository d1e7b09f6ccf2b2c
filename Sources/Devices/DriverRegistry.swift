/// A driver by name: how to open the devices that it knows. Either factory may be absent.
public struct Driver: Sendable {
  public typealias Settings = [String: String]

  public var name: String
  public var modulator: (@Sendable (Settings) async throws -> any SpatialLightModulator)?
  public var camera: (@Sendable (Settings) async throws -> any Camera)?

  public init(
    name: String, modulator: (@Sendable (Settings) async throws -> any SpatialLightModulator)? = nil,
    camera: (@Sendable (Settings) async throws -> any Camera)? = nil
  ) {
    self.name = name
    self.modulator = modulator
    self.camera = camera
  }
}

/// The drivers that a program was built with.
public struct DriverRegistry: Sendable {
  private var drivers: [String: Driver] = [:]

  public init(_ drivers: [Driver] = []) {
    for driver in drivers { register(driver) }
  }

  /// Adds a driver; one of the same name is replaced.
  public mutating func register(_ driver: Driver) { drivers[driver.name] = driver }

  /// Opens a modulator.
  /// - Throws: ``DeviceError/unknownDriver(name:known:)``, and whatever the driver throws.
  public func modulator(driver name: String, settings: Driver.Settings = [:]) async throws
    -> any SpatialLightModulator
  {
    guard let open = drivers[name]?.modulator else {
      throw DeviceError.unknownDriver(name: name, known: names { $0.modulator != nil })
    }
    return try await open(settings)
  }

  /// Opens a camera.
  /// - Throws: ``DeviceError/unknownDriver(name:known:)``, and whatever the driver throws.
  public func camera(driver name: String, settings: Driver.Settings = [:]) async throws -> any Camera {
    guard let open = drivers[name]?.camera else {
      throw DeviceError.unknownDriver(name: name, known: names { $0.camera != nil })
    }
    return try await open(settings)
  }

  private func names(where knows: (Driver) -> Bool) -> [String] {
    drivers.values.filter(knows).map(\.name).sorted()
  }
}
