import Devices
import StrictYAML

/// Reads the section `simulated`: the hidden plant and the panels and sensor around it.
struct SimulatedReader {
  let file: Section
  /// Where things lie on the devices; nil when that could not be read.
  let layout: BenchLayout?

  func read() -> SimulatedConfiguration? {
    guard let section = file.section(sectionName, SimulatedSchema.all) else { return nil }
    var plant = SimulatedConfiguration()
    SimulatedSchema.all.read(section, into: &plant)
    if let layout { check(layout, fits: plant) }
    return plant
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
