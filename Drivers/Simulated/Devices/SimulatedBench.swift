import Devices

/// Two modulators and a camera around a hidden plant, on a virtual clock.
///
/// The layout tells where the beam meets the panels and the sensor; here it is true, not only assumed.
public struct SimulatedBench: Sendable {
  /// The name of the driver in a bench file.
  public static let driverName = sectionName

  public let layerModulator: SimulatedModulator
  /// Nil when the layout puts the input on the layer modulator.
  public let inputModulator: SimulatedModulator?
  public let camera: SimulatedCamera
  public let clock: VirtualClock
  /// The true alignment at the start.
  public let alignment: Alignment
  /// The true values at the start by the twin's names for them, where it has one. For reports and tests only: calibration
  /// must find them out by measuring.
  public var truth: [String: Double] { hidden.truth() }

  private let hidden: HiddenBench

  /// - Throws: ``SimulatedError`` for numbers that make no sense, `BenchError` when the layout does not fit the devices.
  public init(configuration: SimulatedConfiguration, optics: NominalOptics, layout: BenchLayout) throws {
    try configuration.validate()
    try SimulatedBench.requireAgreement(optics, layout)
    hidden = try HiddenBench(configuration, optics: optics)
    alignment = hidden.alignment
    let bench = try DriftingBench(hidden, layout: layout)
    let table = OpticalTable(
      bench: bench, surface: PanelSurface(grid: bench.grid, layout: layout, optics: optics, hidden: hidden))
    let clock = VirtualClock()
    self.clock = clock
    (layerModulator, inputModulator) = SimulatedBench.modulators(configuration, layout, clock, table)
    camera = SimulatedCamera(
      configuration: configuration, clock: clock, table: table, layerPanel: layerModulator,
      inputPanel: inputModulator ?? layerModulator)
    try layout.validate(
      layerModulator: layerModulator.description, inputModulator: (inputModulator ?? layerModulator).description,
      camera: camera.description)
  }

  /// The true values at a time in nanoseconds, when the bench drifts.
  public func truth(at time: UInt64) -> [String: Double] {
    let drift = hidden.configuration.drift
    return hidden.truth(drift.displacement(after: drift.step(at: time), seed: hidden.configuration.seed))
  }

  private static func modulators(
    _ configuration: SimulatedConfiguration, _ layout: BenchLayout, _ clock: VirtualClock, _ table: OpticalTable
  ) -> (layers: SimulatedModulator, input: SimulatedModulator?) {
    let name = "simulated layer modulator"
    let memory = nanoseconds(Double(configuration.camera.bufferCount + 2) / configuration.camera.frameRate)
    if layout.input.onLayerModulator {
      let prepare: @Sendable ([PanelTimeline.Content]) async -> Void = { contents in
        for content in contents { await table.prepare(layers: content, inputs: [content], at: clock.now) }
      }
      return (
        SimulatedModulator(name: name, panel: configuration.layerPanel, clock: clock, memory: memory, prepare: prepare),
        nil
      )
    }
    let layers = SimulatedModulator(name: name, panel: configuration.layerPanel, clock: clock, memory: memory)
    let input = SimulatedModulator(
      name: "simulated input modulator", panel: configuration.inputPanel, clock: clock, memory: memory,
      prepare: { await table.prepare(layers: layers.current, inputs: $0, at: clock.now) })
    return (layers, input)
  }

  private static func requireAgreement(_ optics: NominalOptics, _ layout: BenchLayout) throws {
    let pairs = [
      ("layers.origins", layout.layers.origins.count, optics.layers), ("layers.grid", layout.layers.grid, optics.grid),
      ("input.size", layout.input.size, optics.imageSize),
      ("input.mirrors", layout.input.mirrors ?? 0, optics.encoding == .binary ? optics.imageBlock : 0),
    ]
    for (key, found, expected) in pairs where found != expected {
      throw SimulatedError.layoutMismatch(key: key, layout: found, optics: expected)
    }
  }

  /// The driver that hands out these devices: `role` is `layers` or `input` for a modulator.
  public var driver: Driver {
    Driver(
      name: SimulatedBench.driverName, summary: "a hidden plant with its panels and camera, on a virtual clock",
      modulator: { [layerModulator, inputModulator] settings in
        try Self.checkModulator(settings)
        return settings["role"] == "input" ? inputModulator ?? layerModulator : layerModulator
      },
      camera: { [camera] settings in
        try Self.checkCamera(settings)
        return camera
      }, checkModulatorSettings: Self.checkModulator, checkCameraSettings: Self.checkCamera)
  }

  /// The driver before there is a bench: it knows which settings it takes and has no devices yet.
  public static var settingsDriver: Driver {
    let absent = DeviceError.absent(device: driverName, present: [])
    return Driver(
      name: driverName, summary: "a hidden plant with its panels and camera, on a virtual clock",
      modulator: { _ in throw absent }, camera: { _ in throw absent },
      checkModulatorSettings: checkModulator, checkCameraSettings: checkCamera)
  }

  private static let modulatorSettings = Settings(0 as UInt8) {
    Setting("safeLevel", \.self, .level, "grey level of the safe pattern; only 0")
  }

  @Sendable private static func checkModulator(_ settings: Driver.Settings) throws {
    let safeLevel = try modulatorSettings.read(settings, device: driverName)
    guard safeLevel == 0 else {
      throw DeviceError.invalidSetting(
        device: driverName, setting: "safeLevel", value: "\(safeLevel)",
        accepted: "0, the only safe level of a simulated panel")
    }
  }

  @Sendable private static func checkCamera(_ settings: Driver.Settings) throws {
    _ = try Settings(()) {}.read(settings, device: driverName)
  }
}
