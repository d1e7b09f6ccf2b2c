import Devices

/// Two modulators and a camera around a hidden plant, on a virtual clock.
///
/// The layout tells where the beam meets the panels and the sensor; here it is true, not only assumed.
public struct SimulatedBench: Sendable {
  /// The name of the driver in a bench file.
  public static let driverName = "simulated"

  public let layerModulator: SimulatedModulator
  /// Nil when the layout puts the input on the layer modulator.
  public let inputModulator: SimulatedModulator?
  public let camera: SimulatedCamera
  public let clock: VirtualClock
  /// The true alignment. For reports and tests only: calibration must find it out by measuring.
  public let truth: Alignment

  /// - Throws: ``SimulatedError`` for numbers that make no sense, `BenchError` when the layout does not fit the devices.
  public init(configuration: SimulatedConfiguration, optics: SimulatedOptics, layout: BenchLayout) throws {
    try configuration.validate()
    truth = configuration.misalignment.alignment(nominalDistance: optics.distance, seed: configuration.seed)
    let plant = try Plant(
      optics: optics, alignment: truth, sampling: configuration.sampling, canvas: configuration.canvas)
    try SimulatedBench.requireAgreement(optics, layout)
    let view = SensorView(
      width: configuration.camera.width, height: configuration.camera.height, canvas: plant.grid.canvas,
      x: plant.grid.margin + optics.detectorX - layout.camera.x,
      y: plant.grid.margin + optics.detectorY - layout.camera.y)
    let table = OpticalTable(
      plant: plant, surface: PanelSurface(grid: plant.grid, layout: layout, optics: optics), view: view)
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

  private static func modulators(
    _ configuration: SimulatedConfiguration, _ layout: BenchLayout, _ clock: VirtualClock, _ table: OpticalTable
  ) -> (layers: SimulatedModulator, input: SimulatedModulator?) {
    let name = "simulated layer modulator"
    if layout.input.onLayerModulator {
      let prepare: @Sendable ([PanelTimeline.Content]) async -> Void = { contents in
        for content in contents { await table.prepare(layers: content, inputs: [content]) }
      }
      return (
        SimulatedModulator(name: name, panel: configuration.layerPanel, clock: clock, prepare: prepare), nil
      )
    }
    let layers = SimulatedModulator(name: name, panel: configuration.layerPanel, clock: clock)
    let input = SimulatedModulator(
      name: "simulated input modulator", panel: configuration.inputPanel, clock: clock,
      prepare: { await table.prepare(layers: layers.current, inputs: $0) })
    return (layers, input)
  }

  private static func requireAgreement(_ optics: SimulatedOptics, _ layout: BenchLayout) throws {
    let pairs = [
      ("layers.origins", layout.layers.origins.count, optics.layers), ("layers.grid", layout.layers.grid, optics.grid),
      ("input.size", layout.input.size, optics.imageSize),
    ]
    for (key, found, expected) in pairs where found != expected {
      throw SimulatedError.layoutMismatch(key: key, layout: found, optics: expected)
    }
  }

  /// The driver that hands out these devices: `role` is `layers` or `input` for a modulator.
  public var driver: Driver {
    Driver(
      name: SimulatedBench.driverName,
      modulator: { [layerModulator, inputModulator] settings in
        settings["role"] == "input" ? inputModulator ?? layerModulator : layerModulator
      },
      camera: { [camera] _ in camera })
  }
}
