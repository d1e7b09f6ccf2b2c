/// A driver by name: how to open the devices that it knows, and how to find them. Either factory may be absent.
public struct Driver: Sendable {
  public typealias Settings = [String: String]

  public var name: String
  /// Opens a modulator, on whose panel the safe pattern is when this returns.
  public var modulator: (@Sendable (Settings) async throws -> any SpatialLightModulator)?
  public var camera: (@Sendable (Settings) async throws -> any Camera)?
  /// The devices of this driver on the machine. Looks without changing anything on them.
  public var discover: @Sendable () async -> [FoundDevice]

  public init(
    name: String, modulator: (@Sendable (Settings) async throws -> any SpatialLightModulator)? = nil,
    camera: (@Sendable (Settings) async throws -> any Camera)? = nil,
    discover: @escaping @Sendable () async -> [FoundDevice] = { [] }
  ) {
    self.name = name
    self.modulator = modulator
    self.camera = camera
    self.discover = discover
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

  /// The names of the drivers, sorted.
  public var names: [String] { drivers.keys.sorted() }

  /// What all drivers see on this machine.
  public func discover() async -> [FoundDevice] {
    var found: [FoundDevice] = []
    for name in drivers.keys.sorted() { found += await drivers[name]?.discover() ?? [] }
    return found
  }

  private func names(where knows: (Driver) -> Bool) -> [String] {
    drivers.values.filter(knows).map(\.name).sorted()
  }
}
