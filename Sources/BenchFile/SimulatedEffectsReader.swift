import Arrays
import Simulated
import StrictYAML

/// Reads what is wrong with the hidden plant besides its alignment: the sections `layers`, `modulator`, `source`, `imaging`,
/// `repeatInput` and `drift` of `simulated`.
struct SimulatedEffectsReader {
  static let keys = ["layers", "modulator", "source", "imaging", "repeatInput", "drift"]

  let simulated: Section

  func read(into plant: inout SimulatedConfiguration) {
    readLayers(into: &plant.placement)
    readModulator(into: &plant.modulator)
    readSource(into: &plant.source)
    readImaging(into: &plant.imaging)
    readRepeatedInput(into: &plant.repeatedInput)
    readDrift(into: &plant.drift)
  }

  // MARK: - Layers

  private func readLayers(into layers: inout LayerMisplacement) {
    let keys = ["shift", "tilt", "rotation", "scale", "distance", "exact", "exactHops", "flatness"]
    guard let section = simulated.section("layers", keys: keys, optional: true) else { return }
    section.read("shift", into: &layers.shift, .smallDeviation)
    section.read("tilt", into: &layers.tilt, .magnitude)
    section.read("rotation", into: &layers.rotation, .magnitude)
    section.read("scale", into: &layers.scale, Quantity(0...0.1))
    section.read("distance", into: &layers.distance, .deviation)
    if section.has("exact") { layers.exact = readPlacements(in: section) }
    if section.has("exactHops") {
      layers.exactHops = section.numbers("exactHops", Quantity(-1...1, unit: "metres", prefixes: [-6, -3]))
    }
    readAberration("flatness", in: section, into: &layers.flatness)
  }

  private func readPlacements(in section: Section) -> [LayerPlacement]? {
    section.sections("exact", keys: ["shiftX", "shiftY", "tiltX", "tiltY", "rotation", "scale"])?.map { entry in
      var placement = LayerPlacement.nominal
      entry.read("shiftX", into: &placement.shiftX, .displacement)
      entry.read("shiftY", into: &placement.shiftY, .displacement)
      entry.read("tiltX", into: &placement.tiltX, .angle)
      entry.read("tiltY", into: &placement.tiltY, .angle)
      entry.read("rotation", into: &placement.rotation, .angle)
      entry.read("scale", into: &placement.scale, Quantity(0.5...2))
      return placement
    }
  }

  private func readAberration(_ key: String, in parent: Section, into aberration: inout Aberration) {
    let keys = ["rms", "exact", "roughness", "roughnessLength"]
    guard let section = parent.section(key, keys: keys, optional: true) else { return }
    section.read("rms", into: &aberration.rms, .aberration)
    section.read("roughness", into: &aberration.roughness, .aberration)
    section.read(
      "roughnessLength", into: &aberration.roughnessLength, Quantity(1e-7...1, unit: "metres", prefixes: [-6]))
    guard section.has("exact") else { return }
    aberration.exact = section.numbers("exact", Quantity(-100...100, unit: "radians"))
    if aberration.exact?.count ?? 0 > 64 {
      section.reject("exact", "expected at most 64 coefficients, from Noll's 4 on")
    }
  }

  // MARK: - Modulator and source

  private func readModulator(into modulator: inout ModulatorImperfection) {
    let keys = [
      "slope", "quadratic", "sine", "regions", "regionalSlope", "fillFactor", "deadPhase", "crosstalk",
      "crosstalkKernel",
    ]
    guard let section = simulated.section("modulator", keys: keys, optional: true) else { return }
    section.read("slope", into: &modulator.slope, Quantity(-2...2))
    section.read("quadratic", into: &modulator.quadratic, Quantity(-2...2))
    section.read("sine", into: &modulator.sine, Quantity(-2...2))
    section.read("regions", into: &modulator.regions, 1...64)
    section.read("regionalSlope", into: &modulator.regionalSlope, .fraction)
    section.read("fillFactor", into: &modulator.fillFactor, .fraction)
    section.read("deadPhase", into: &modulator.deadPhase, .phase)
    section.read("crosstalk", into: &modulator.crosstalk, Quantity(0...1e-3, unit: "metres", prefixes: [-6]))
    guard section.has("crosstalkKernel"), let rows = section.rows("crosstalkKernel") else { return }
    let width = rows.first?.count ?? 0
    guard rows.count % 2 == 1, width % 2 == 1, max(rows.count, width) <= 65, rows.allSatisfy({ $0.count == width })
    else {
      section.reject("crosstalkKernel", "expected an odd number of rows of one odd length, at most 65")
      return
    }
    if section.requireSum(of: rows, "crosstalkKernel") { modulator.crosstalkKernel = rows }
  }

  private func readSource(into source: inout SourceImperfection) {
    let keys = ["curvature", "slopeX", "slopeY", "aberration"]
    guard let section = simulated.section("source", keys: keys, optional: true) else { return }
    section.read("curvature", into: &source.curvature, Quantity(-10...10))
    section.read("slopeX", into: &source.slopeX, Quantity(-10...10))
    section.read("slopeY", into: &source.slopeY, Quantity(-10...10))
    readAberration("aberration", in: section, into: &source.aberration)
  }

  private func readRepeatedInput(into repeated: inout RepeatedInput?) {
    guard let section = simulated.section("repeatInput", keys: ["scale"], optional: true) else { return }
    guard let scale = section.number("scale", .phase) else { return }
    repeated = RepeatedInput(scale: scale)
  }

  // MARK: - Imaging and drift

  private func readImaging(into imaging: inout ImagingImperfection) {
    let keys = [
      "shiftX", "shiftY", "rotation", "scale", "keystoneX", "keystoneY", "pointSpread", "gain", "offset", "aberration",
      "orientation",
    ]
    guard let section = simulated.section("imaging", keys: keys, optional: true) else { return }
    section.read("shiftX", into: &imaging.shiftX, .displacement)
    section.read("shiftY", into: &imaging.shiftY, .displacement)
    section.read("rotation", into: &imaging.rotation, Quantity(-4...4, unit: "radians"))
    section.read("scale", into: &imaging.scale, Quantity(0.1...10))
    section.read("keystoneX", into: &imaging.keystoneX, Quantity(-1e4...1e4, unit: "per metre"))
    section.read("keystoneY", into: &imaging.keystoneY, Quantity(-1e4...1e4, unit: "per metre"))
    section.read("pointSpread", into: &imaging.pointSpread, Quantity(0...1e-3, unit: "metres", prefixes: [-6]))
    section.read("gain", into: &imaging.gain, Quantity(1e-6...1e6))
    section.read("offset", into: &imaging.offset, Quantity(-1...1))
    imaging.orientation = section.choice("orientation", default: imaging.orientation) ?? imaging.orientation
    readAberration("aberration", in: section, into: &imaging.aberration)
    if imaging.aberration.roughness > 0 { section.reject("aberration", "an imaging aberration has no roughness") }
  }

  private func readDrift(into drift: inout Drift) {
    guard let section = simulated.section("drift", keys: ["rate", "walk", "interval"], optional: true) else { return }
    section.read("interval", into: &drift.interval, Quantity(1e-3...1e6, unit: "seconds"))
    readRates("rate", in: section, into: &drift.rate, from: -1)
    readRates("walk", in: section, into: &drift.walk, from: 0)
  }

  private func readRates(_ key: String, in parent: Section, into rates: inout Drift.Rates, from lowest: Double) {
    let keys = ["distance", "mirrorX", "mirrorY", "beamX", "beamY", "cameraX", "cameraY"]
    guard let section = parent.section(key, keys: keys, optional: true) else { return }
    let length = Quantity(lowest * 1e-2...1e-2, unit: "metres", prefixes: [-6, -9])
    let angle = Quantity(lowest * 0.5...0.5, unit: "radians", prefixes: [-6, -3])
    section.read("distance", into: &rates.distance, length)
    section.read("mirrorX", into: &rates.mirrorX, angle)
    section.read("mirrorY", into: &rates.mirrorY, angle)
    section.read("beamX", into: &rates.beamX, angle)
    section.read("beamY", into: &rates.beamY, angle)
    section.read("cameraX", into: &rates.cameraX, length)
    section.read("cameraY", into: &rates.cameraY, length)
  }
}

extension Quantity {
  fileprivate static let smallDeviation = Quantity(0...0.01, unit: "metres", prefixes: [-6, -3])
  fileprivate static let displacement = Quantity(-0.01...0.01, unit: "metres", prefixes: [-6, -3])
  fileprivate static let aberration = Quantity(0...100, unit: "radians")
}
