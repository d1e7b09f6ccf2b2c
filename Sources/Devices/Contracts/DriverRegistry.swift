import Catalogues

/// A driver by name: how to open the devices that it knows, and how to find them. Either factory may be absent.
public struct Driver: Sendable {
  public typealias Settings = [String: String]

  public var name: String
  /// What devices it is for, in one line without a full stop.
  public var summary: String
  /// What a bench file can say of its devices.
  public var settings: [Parameter]
  /// Opens a modulator, on whose panel the safe pattern is when this returns.
  public var modulator: (@Sendable (Settings) async throws -> any SpatialLightModulator)?
  public var camera: (@Sendable (Settings) async throws -> any Camera)?
  /// Throws what is wrong with settings, a ``DeviceError``, without looking for the device.
  public var checkModulatorSettings: @Sendable (Settings) throws -> Void
  public var checkCameraSettings: @Sendable (Settings) throws -> Void
  /// The devices of this driver on the machine. Looks without changing anything on them.
  public var discover: @Sendable () async -> [FoundDevice]
  /// The driver's own section of the bench file, which makes its devices; nil when each device has settings alone.
  public var section: DriverSection?

  public init(
    name: String, summary: String, settings: [Parameter] = [],
    modulator: (@Sendable (Settings) async throws -> any SpatialLightModulator)? = nil,
    camera: (@Sendable (Settings) async throws -> any Camera)? = nil,
    checkModulatorSettings: @escaping @Sendable (Settings) throws -> Void = { _ in },
    checkCameraSettings: @escaping @Sendable (Settings) throws -> Void = { _ in },
    discover: @escaping @Sendable () async -> [FoundDevice] = { [] }, section: DriverSection? = nil
  ) {
    self.name = name
    self.summary = summary
    self.settings = settings
    self.modulator = modulator
    self.camera = camera
    self.checkModulatorSettings = checkModulatorSettings
    self.checkCameraSettings = checkCameraSettings
    self.discover = discover
    self.section = section
  }

  public var declaration: Declaration { Declaration(name, summary, parameters: settings) }
}

/// What is wrong with one setting of a device.
public struct SettingMistake: Sendable, Equatable {
  public var setting: String
  public var description: String
}

/// The drivers that a program was built with.
public struct DriverRegistry: Sendable {
  /// The drivers by their names.
  public private(set) var catalogue: Catalogue<Driver>

  /// - Parameter drivers: of two with the same name, the later one counts.
  public init(_ drivers: [Driver] = []) {
    catalogue = drivers.reduce(Catalogue("driver", []) { $0.declaration }) { $0.adding($1) }
  }

  /// Adds a driver; one of the same name is replaced.
  public mutating func register(_ driver: Driver) { catalogue = catalogue.adding(driver) }

  private subscript(name: String) -> Driver? { catalogue.members.first { $0.name == name } }

  /// Opens a modulator.
  /// - Throws: ``DeviceError/unknownDriver(name:known:)``, and whatever the driver throws.
  public func modulator(driver name: String, settings: Driver.Settings = [:]) async throws
    -> any SpatialLightModulator
  {
    guard let open = self[name]?.modulator else {
      throw DeviceError.unknownDriver(name: name, known: names { $0.modulator != nil })
    }
    return try await open(settings)
  }

  /// Opens a camera.
  /// - Throws: ``DeviceError/unknownDriver(name:known:)``, and whatever the driver throws.
  public func camera(driver name: String, settings: Driver.Settings = [:]) async throws -> any Camera {
    guard let open = self[name]?.camera else {
      throw DeviceError.unknownDriver(name: name, known: names { $0.camera != nil })
    }
    return try await open(settings)
  }

  // MARK: - Sections

  /// The section of the bench file that a driver reads itself.
  public func section(ofDriver name: String) -> DriverSection? { self[name]?.section }

  /// The names of the drivers that read a section of their own, and so of the sections.
  public var sectionNames: [String] { catalogue.members.filter { $0.section != nil }.map(\.name) }

  // MARK: - Without devices

  /// Why a driver cannot be used for a kind of device; nil when it can.
  public func refusal(ofDriver name: String, asCamera: Bool) -> String? {
    let known = names { asCamera ? $0.camera != nil : $0.modulator != nil }
    if known.contains(name) { return nil }
    let (kind, listed) = (asCamera ? "camera" : "modulator", known.joined(separator: ", "))
    return self[name] == nil
      ? "there is no driver \"\(name)\"; for a \(kind) there are \(listed)"
      : "the driver \(name) has no \(kind)s; for a \(kind) there are \(listed)"
  }

  /// The first mistake in the settings of a device, as its driver says; nil when there is none, or no such driver.
  public func mistake(in settings: Driver.Settings, ofDriver name: String, asCamera: Bool) -> SettingMistake? {
    guard let driver = self[name] else { return nil }
    do {
      try (asCamera ? driver.checkCameraSettings : driver.checkModulatorSettings)(settings)
      return nil
    } catch DeviceError.invalidSetting(_, let setting, let value, let accepted) {
      return SettingMistake(setting: setting, description: "\(value) is not accepted; give \(accepted)")
    } catch DeviceError.unknownSetting(_, let setting, let known) {
      return SettingMistake(
        setting: setting, description: "the driver \(name) has no such setting; it has \(known.joined(separator: ", "))"
      )
    } catch {
      return SettingMistake(setting: "device", description: "\(error)")
    }
  }

  /// What a bench file can say of the devices of a driver.
  /// - Throws: `UnknownName`.
  public func settings(ofDriver name: String) throws(UnknownName) -> [Parameter] {
    try catalogue.member(named: name).settings
  }

  /// The names of the drivers, sorted.
  public var names: [String] { catalogue.names.sorted() }

  /// What all drivers see on this machine.
  public func discover() async -> [FoundDevice] {
    var found: [FoundDevice] = []
    for name in names { found += await self[name]?.discover() ?? [] }
    return found
  }

  private func names(where knows: (Driver) -> Bool) -> [String] {
    catalogue.members.filter(knows).map(\.name).sorted()
  }
}
