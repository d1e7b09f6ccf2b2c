import Devices
import Simulated
import StrictYAML

/// Reads the section `simulated`: the hidden plant and the panels and sensor around it.
struct SimulatedReader {
  let file: Section
  let devices: BenchDevices?

  func read() -> SimulatedConfiguration? {
    let own = [
      "seed", "sampling", "canvas", "misalignment", "noise", "layerPanel", "inputPanel", "camera", "faults",
    ]
    let keys = own + SimulatedEffectsReader.keys
    guard let section = file.section("simulated", keys: keys) else { return nil }
    var plant = SimulatedConfiguration()
    plant.seed = UInt64(section.integer("seed", 0...Int.max, default: 1) ?? 1)
    section.read("sampling", into: &plant.sampling, 1...8)
    if section.has("canvas") { plant.canvas = section.integer("canvas", 8...16384) }
    readMisalignment(in: section, into: &plant.misalignment)
    readNoise(in: section, into: &plant.noise)
    readPanel("layerPanel", in: section, into: &plant.layerPanel)
    readPanel("inputPanel", in: section, into: &plant.inputPanel)
    readSensor(in: section, into: &plant.camera)
    readFaults(in: section, into: &plant.faults)
    SimulatedEffectsReader(simulated: section).read(into: &plant)
    if let devices { check(devices.layout, fits: plant) }
    return plant
  }

  private func readMisalignment(in parent: Section, into misalignment: inout Misalignment) {
    let keys = ["beam", "mirror", "distance", "exact"]
    guard let section = parent.section("misalignment", keys: keys, optional: true) else { return }
    readInterval("beam", in: section, into: &misalignment.beam)
    readInterval("mirror", in: section, into: &misalignment.mirror)
    section.read("distance", into: &misalignment.distance, .deviation)
    guard
      let exact = section.section("exact", keys: ["distance", "mirrorX", "mirrorY", "beamX", "beamY"], optional: true)
    else { return }
    var alignment = Alignment(distance: exact.number("distance", .distance) ?? 1)
    exact.read("mirrorX", into: &alignment.mirrorX, .angle)
    exact.read("mirrorY", into: &alignment.mirrorY, .angle)
    exact.read("beamX", into: &alignment.beamX, .angle)
    exact.read("beamY", into: &alignment.beamY, .angle)
    misalignment.exact = alignment
  }

  private func readInterval(_ key: String, in parent: Section, into interval: inout ClosedInterval) {
    guard let section = parent.section(key, keys: ["minimum", "maximum"], optional: true) else { return }
    section.read("minimum", into: &interval.minimum, .magnitude)
    section.read("maximum", into: &interval.maximum, .magnitude)
    if interval.minimum > interval.maximum { section.reject("minimum", "is larger than maximum") }
  }

  private func readNoise(in parent: Section, into noise: inout SensorNoise) {
    guard let section = parent.section("noise", keys: ["laser", "shot", "fullWell", "read"], optional: true) else {
      return
    }
    section.read("laser", into: &noise.laser, .fraction)
    section.read("shot", into: &noise.shot)
    section.read("fullWell", into: &noise.fullWell, Quantity(1...1e9, unit: "electrons"))
    section.read("read", into: &noise.read, Quantity(0...1e6, unit: "electrons"))
  }

  private func readPanel(_ key: String, in parent: Section, into panel: inout SimulatedPanel) {
    let keys = ["width", "height", "greyLevels", "refreshRate", "latency", "settle"]
    guard let section = parent.section(key, keys: keys, optional: true) else { return }
    section.read("width", into: &panel.width, 1...16384)
    section.read("height", into: &panel.height, 1...16384)
    section.read("greyLevels", into: &panel.greyLevels, 2...256)
    section.read("refreshRate", into: &panel.refreshRate, .rate)
    section.read("latency", into: &panel.latency, .response)
    section.read("settle", into: &panel.settle, .response)
  }

  private func readSensor(in parent: Section, into sensor: inout SimulatedSensor) {
    let keys = ["width", "height", "bits", "frameRate", "exposure", "fullScaleIntensity", "bufferCount"]
    guard let section = parent.section("camera", keys: keys, optional: true) else { return }
    section.read("width", into: &sensor.width, 1...16384)
    section.read("height", into: &sensor.height, 1...16384)
    section.read("bits", into: &sensor.bits, 1...16)
    section.read("frameRate", into: &sensor.frameRate, .rate)
    section.read("exposure", into: &sensor.exposure, .duration)
    section.read("fullScaleIntensity", into: &sensor.fullScaleIntensity, Quantity(1e-6...1e6))
    section.read("bufferCount", into: &sensor.bufferCount, 1...1024)
  }

  private func readFaults(in parent: Section, into faults: inout FrameFaults) {
    let keys = [
      "dropped", "duplicated", "stale", "black", "erroneous", "late", "torn", "hung", "disconnected", "lateness",
      "outage",
    ]
    guard let section = parent.section("faults", keys: keys, optional: true) else { return }
    section.read("dropped", into: &faults.dropped, .fraction)
    section.read("duplicated", into: &faults.duplicated, .fraction)
    section.read("stale", into: &faults.stale, .fraction)
    section.read("black", into: &faults.black, .fraction)
    section.read("erroneous", into: &faults.erroneous, .fraction)
    section.read("late", into: &faults.late, .fraction)
    section.read("torn", into: &faults.torn, .fraction)
    section.read("hung", into: &faults.hung, .fraction)
    section.read("disconnected", into: &faults.disconnected, .fraction)
    section.read("lateness", into: &faults.lateness, .duration)
    section.read("outage", into: &faults.outage, .duration)
  }

  /// The layout must lie on the panels and the sensor; for devices that exist, the bench checks this when it is assembled.
  private func check(_ layout: BenchLayout, fits plant: SimulatedConfiguration) {
    guard let section = file.section("layout", keys: nil) else { return }
    let side = layout.layers.grid * layout.layers.scale
    for (index, origin) in layout.layers.origins.enumerated()
    where origin.x + side > plant.layerPanel.width || origin.y + side > plant.layerPanel.height {
      section.reject(
        "layers", "layer \(index) ends outside the layer panel of \(plant.layerPanel.width)x\(plant.layerPanel.height)")
    }
    if layout.layers.levelsPerTurn > plant.layerPanel.greyLevels {
      section.reject(
        "layers",
        "levelsPerTurn is \(layout.layers.levelsPerTurn), but simulated.layerPanel has \(plant.layerPanel.greyLevels) levels"
      )
    }
    let panel = layout.input.onLayerModulator ? plant.layerPanel : plant.inputPanel
    if layout.input.fullLevel >= panel.greyLevels {
      section.reject(
        "input",
        "fullLevel is \(layout.input.fullLevel), but the highest of the panel's \(panel.greyLevels) levels is "
          + "\(panel.greyLevels - 1)")
    }
    let image = layout.input.size * layout.input.scale
    if layout.input.origin.x + image > panel.width || layout.input.origin.y + image > panel.height {
      section.reject("input", "the image ends outside the panel of \(panel.width)x\(panel.height)")
    }
    let (camera, sensor) = (layout.camera, plant.camera)
    if camera.x + camera.width > sensor.width || camera.y + camera.height > sensor.height {
      section.reject("camera", "the region ends outside the sensor of \(sensor.width)x\(sensor.height)")
    }
  }
}
