import Arrays
import Devices
import StrictYAML
import Twin

/// What a simulation has to know of devices.
public struct DeviceFacts: Sendable, Equatable {
  public var layers: ModulatorDescription
  /// Nil when the image is shown on the layer modulator.
  public var input: ModulatorDescription?
  public var camera: CameraDescription
  /// In seconds.
  public var exposure: Double

  public init(layers: ModulatorDescription, input: ModulatorDescription?, camera: CameraDescription, exposure: Double) {
    self.layers = layers
    self.input = input
    self.camera = camera
    self.exposure = exposure
  }
}

/// A calibrated bench as the section `simulated` of a bench file: a plant that is what the twin believes.
///
/// The keys are those of the driver's section, which have the meaning of the twin's parameters.
struct SimulatedBenchSection {
  let section: YAMLValue
  /// What the plant does not do although the bench may, one sentence each.
  let unknown: [String]

  init(_ bench: CalibratedBench, _ layout: BenchLayout, _ devices: DeviceFacts) {
    // The simulation is not registered: its camera lies as the file says.
    let plant = SimulatedPlant(bench, bench.stated.layout?.camera.orientation ?? .upright)
    let panels = SimulatedDevices(bench, layout, devices)
    section = .section(plant.entries + panels.entries)
    unknown = plant.unknown + panels.unknown
  }
}

/// The optics of the plant.
private struct SimulatedPlant {
  let description: TwinDescription
  let parameters: TwinParameters
  let orientation: Orientation

  init(_ bench: CalibratedBench, _ orientation: Orientation) {
    (description, parameters, self.orientation) = (bench.description, bench.parameters, orientation)
  }

  private var isCavity: Bool { description.geometry.kind == .cavity }

  /// The value of a parameter; what does nothing where the twin has none of that name.
  private func value(_ name: String, _ neutral: Double = 0) -> Double {
    parameters.parameter(named: name)?.value ?? neutral
  }

  private func number(_ key: String, _ name: String, _ neutral: Double = 0) -> YAMLValue.Entry {
    .init(key, .number(value(name, neutral)))
  }

  var entries: [YAMLValue.Entry] {
    [
      .init("misalignment", .section([.init("exact", .section(alignment))])),
      .init("layers", .section(layers)),
      .init("modulator", .section(modulator)),
      .init("source", .section(source)),
      .init("imaging", .section(imaging)),
    ] + (value("repeatScale") == 0 ? [] : [.init("repeatInput", .section([number("scale", "repeatScale")]))])
  }

  private var alignment: [YAMLValue.Entry] {
    let mirror = isCavity ? [number("mirrorX", "mirrorTiltX"), number("mirrorY", "mirrorTiltY")] : []
    return [number("distance", isCavity ? "mirrorGap" : "spacing", description.geometry.distance)] + mirror + [
      number("beamX", "beamTiltX"), number("beamY", "beamTiltY"),
    ]
  }

  private var layers: [YAMLValue.Entry] {
    let planes = (1...description.geometry.layers).map { "plane\($0)" }
    let hops = description.geometry.layers + (isCavity ? 0 : 1)
    return [
      .init(
        "exact",
        .list(
          planes.map { plane in
            .section([
              number("shiftX", plane + "ShiftX"), number("shiftY", plane + "ShiftY"), number("tiltX", plane + "TiltX"),
              number("tiltY", plane + "TiltY"), number("rotation", plane + "Rotation"),
              number("scale", plane + "Scale", 1),
            ])
          })),
      .init("exactHops", .list((1...hops).map { .number(value("hop\($0)Distance")) })),
      .init("exactFlatness", .list(planes.map { .list(zernikes($0 + "Zernike")) })),
    ] + maps
  }

  private var maps: [YAMLValue.Entry] {
    guard let maps = description.modulator.maps else { return [] }
    return [.init("maps", .list(maps.map { .list($0.phase.map { .number($0) }) }))]
  }

  /// From Noll's index 4 on, as far as the twin has them.
  private func zernikes(_ name: String) -> [YAMLValue] {
    let known = (4...67).prefix { parameters.parameter(named: "\(name)\($0)") != nil }
    return known.map { .number(value("\(name)\($0)")) }
  }

  private var modulator: [YAMLValue.Entry] {
    let regions = description.modulator.regions
    let slopes: [YAMLValue] = (1...description.geometry.layers).map { plane in
      .list((0..<regions * regions).map { .number(value("plane\(plane)Response\($0 + 1)")) })
    }
    let regional: [YAMLValue.Entry] =
      regions > 0 ? [.init("regions", .integer(regions)), .init("exactRegionalSlopes", .list(slopes))] : []
    return [
      .init("curve", .list(description.response(parameters).map { .number($0) })),
      number("fillFactor", "fillFactor", 1), number("deadPhase", "zeroOrderPhase"), number("crosstalk", "crosstalk"),
      number("crosstalkAspect", "crosstalkAspect"), number("crosstalkSkewX", "crosstalkSkewX"),
      number("crosstalkSkewY", "crosstalkSkewY"),
    ] + regional
  }

  private var source: [YAMLValue.Entry] {
    let map = description.source.map.map { map in
      YAMLValue.Entry(
        "map",
        .section([
          .init("phase", .list(map.phase.map { .number($0) })),
          .init("logAmplitude", .list(map.logAmplitude.map { .number($0) })),
        ]))
    }
    return [
      number("curvature", "illuminationCurvature"), number("slopeX", "illuminationSlopeX"),
      number("slopeY", "illuminationSlopeY"),
      .init("aberration", .section([.init("exact", .list(zernikes("modulatorZernike")))])),
    ] + (map.map { [$0] } ?? [])
  }

  private var imaging: [YAMLValue.Entry] {
    [
      number("shiftX", "detectorShiftX"), number("shiftY", "detectorShiftY"), number("rotation", "detectorRotation"),
      number("scale", "detectorScale", 1), number("aspect", "detectorAspect", 1),
      number("keystoneX", "detectorKeystoneX"),
      number("keystoneY", "detectorKeystoneY"), number("pointSpread", "pointSpread"), number("offset", "offset"),
      .init("orientation", .text(orientation.rawValue)),
      .init("aberration", .section([.init("exact", .list(zernikes("detectorZernike")))])),
    ]
  }

  var unknown: [String] {
    [
      "whatever the twin does not describe: dust, roughness, reflections, and how all of it drifts",
      value("detectorShear") == 0 ? nil : "the shear of the camera's picture",
      description.modulator.crosstalkKernel == nil
        ? nil : "the kernel with which phases run together, in the bench file",
      description.source.amplitude == nil ? nil : "the amplitude of the light that the bench file reads from an array",
    ].compactMap(\.self)
  }
}

/// Panels and sensor of the plant.
private struct SimulatedDevices {
  let bench: CalibratedBench
  let layout: BenchLayout
  let devices: DeviceFacts

  init(_ bench: CalibratedBench, _ layout: BenchLayout, _ devices: DeviceFacts) {
    (self.bench, self.layout, self.devices) = (bench, layout, devices)
  }

  private var timing: TimingModel? {
    for product in bench.products.reversed() { if case .timing(let model) = product.content { return model } }
    return nil
  }

  var entries: [YAMLValue.Entry] {
    var entries = [
      YAMLValue.Entry(
        "layerPanel",
        panel(devices.layers, timing?.layers, layout.timing.layerLatency, layout.timing.layerSettle))
    ]
    if let input = devices.input {
      entries.append(
        .init("inputPanel", panel(input, timing?.input, layout.timing.inputLatency, layout.timing.inputSettle)))
    }
    return entries + [.init("camera", camera), .init("noise", noise)]
  }

  private func panel(
    _ panel: ModulatorDescription, _ found: PanelResponse?, _ latency: Double?, _ settle: Double?
  ) -> YAMLValue {
    let fall = found.map { [YAMLValue.Entry("fall", .number($0.fall.settle))] } ?? []
    return .section(
      [
        .init("width", .integer(panel.width)), .init("height", .integer(panel.height)),
        .init("greyLevels", .integer(panel.greyLevels)), .init("refreshRate", .number(panel.refreshRate)),
        .init("latency", .number(max(0, found?.rise.latency ?? latency ?? 0))),
        .init("settle", .number(found?.rise.settle ?? settle ?? 0)),
      ] + fall)
  }

  /// Full scales for an intensity of 1, that of an input of amplitude 1; nil where the bench file states no gain, which no frame shows.
  private var fullScales: Double? {
    let factors = TwinParameters.brightness.compactMap { bench.parameters.parameter(named: $0)?.value }
    return factors.contains { $0 != 1 } ? factors.reduce(1, *) : nil
  }

  private var camera: YAMLValue {
    let camera = devices.camera
    let brightness = fullScales.map { YAMLValue.Entry("fullScaleIntensity", .number(min(max(1 / $0, 1e-6), 1e6))) }
    return .section(
      [
        .init("width", .integer(camera.width)), .init("height", .integer(camera.height)),
        .init("bits", .integer(camera.bitDepth)), .init("frameRate", .number(camera.frameRate)),
        .init("exposure", .number(min(devices.exposure, 1 / camera.frameRate))),
      ] + (brightness.map { [$0] } ?? []))
  }

  /// In the camera's full scales, the variance of shot noise for each unit is one over the electrons in the well.
  private var noise: YAMLValue {
    guard let camera = bench.camera, camera.gain > 0 else {
      return .section([.init("laser", .number(0))])
    }
    let fullWell = min(max(1 / camera.gain, 1), 1e9)
    return .section([
      .init("laser", .number(0)), .init("fullWell", .number(fullWell)),
      .init("read", .number(min(camera.readNoise * fullWell, 1e6))),
    ])
  }

  var unknown: [String] {
    [
      bench.camera == nil ? "the camera's noise, which the routine `camera` finds; it has that of a usual sensor" : nil,
      fullScales == nil ? "how bright the light is, since the bench file states no gain" : nil,
      bench.camera.map { $0.hotPixels + $0.deadPixels }?.isEmpty == false
        ? "the camera's hot and dead pixels" : nil,
      timing == nil
        ? "how fast the panels are, which the routine `timing` finds; they take as long as the bench waits" : nil,
      "fluctuations of the laser, and frames that are lost or broken",
    ].compactMap(\.self)
  }
}
