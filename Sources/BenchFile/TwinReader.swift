import Arrays
import Files
import Optics
import StrictYAML
import Twin

/// Reads the part of a bench file that the twin needs.
struct TwinReader {
  let file: Section
  /// Names of arrays are looked for in this folder.
  let folder: String

  func read() -> (description: TwinDescription, parameters: TwinParameters)? {
    let geometry = readGeometry()
    let input = readInput(on: geometry)
    let detector = readDetector(on: geometry)
    let modulator = ModulatorReader(file: file).read(on: geometry)
    let source = readSource(on: geometry)
    guard let geometry, let input, let detector, let modulator, let source else {
      ParametersReader(file: file).check(knowing: geometry)
      return nil
    }
    let twin = TwinDescription(
      geometry: geometry, input: input, detector: detector, modulator: modulator, source: source)
    guard let parameters = ParametersReader(file: file).read(of: twin) else { return nil }
    return (twin, parameters)
  }

  private func readGeometry() -> GeometryDescription? {
    let keys = [
      "kind", "wavelength", "pitch", "grid", "layers", "spacing", "mirrorGap", "padding", "sampling", "bandLimit",
      "allowUndersampling", "engine",
    ]
    guard let section = file.section("geometry", keys: keys) else { return nil }
    let kind: GeometryDescription.Kind? = section.choice("kind")
    let wavelength = section.number("wavelength", .wavelength)
    let pitch = section.number("pitch", .pitch)
    let grid = section.integer("grid", 8...8192)
    let layers = section.integer("layers", 1...64)
    let padding = section.number("padding", Quantity(1...8), default: 1)
    let sampling = section.integer("sampling", 1...8, default: 1)
    let bandLimit = section.flag("bandLimit", default: true)
    let allowUndersampling = section.flag("allowUndersampling", default: false)
    let engine = section.choice("engine", default: EngineChoice.automatic)
    let distance = kind.flatMap { readDistance(in: section, kind: $0) }
    if kind == nil {
      if section.has("spacing") { _ = section.number("spacing", .distance) }
      if section.has("mirrorGap") { _ = section.number("mirrorGap", .mirrorGap) }
    }
    guard let kind, let wavelength, let pitch, let grid, let layers, let distance, let padding, let sampling,
      let bandLimit, let allowUndersampling, let engine
    else { return nil }
    return GeometryDescription(
      kind: kind, wavelength: wavelength, pitch: pitch, grid: grid, layers: layers, distance: distance,
      padding: padding, sampling: sampling, bandLimit: bandLimit,
      allowUndersampling: allowUndersampling, engine: engine)
  }

  private func readDistance(in section: Section, kind: GeometryDescription.Kind) -> Double? {
    switch kind {
    case .planes:
      if section.has("mirrorGap") { section.reject("mirrorGap", "`planes` has no mirror; give `spacing`") }
      return section.number("spacing", .distance)
    case .cavity:
      if section.has("spacing") { section.reject("spacing", "`cavity` has no spacing; give `mirrorGap`") }
      return section.number("mirrorGap", .mirrorGap)
    }
  }

  private func readInput(on geometry: GeometryDescription?) -> InputDescription? {
    guard let section = file.section("input", keys: ["size", "block", "encoding", "levels", "repeat"]) else {
      return nil
    }
    let size = section.integer("size", 1...4096)
    let block = section.integer("block", 1...4096)
    let encoding = section.choice("encoding", default: InputDescription.Encoding.amplitude)
    let levels = section.has("levels") ? section.integer("levels", 2...65536) : nil
    let repeatsInput = section.flag("repeat", default: false)
    guard let size, let block, let encoding, let repeatsInput else { return nil }
    if let geometry, size * block > geometry.grid {
      section.reject(
        "size",
        "\(size) pixels of \(block) samples are \(size * block) samples, wider than the grid of \(geometry.grid)")
      return nil
    }
    return InputDescription(
      size: size, block: block, encoding: encoding, levels: levels, repeatsInput: repeatsInput)
  }

  private func readDetector(on geometry: GeometryDescription?) -> DetectorDescription? {
    if !file.has("detector") { return DetectorDescription(block: 1) }
    guard let section = file.section("detector", keys: ["block", "region", "saturation", "bits", "fullScale"]) else {
      return nil
    }
    let block = section.integer("block", 1...4096, default: 1)
    let region = section.has("region") ? section.region("region") : nil
    let level = Quantity(1e-12...1e12)
    let saturation = section.has("saturation") ? section.number("saturation", level) : nil
    let bits = section.has("bits") ? section.integer("bits", 1...24) : nil
    let fullScale = section.has("fullScale") ? section.number("fullScale", level) : nil
    if bits != nil, !section.has("fullScale") {
      section.reject("bits", "needs `fullScale`, the output of the largest code")
    }
    guard let block, region != nil || !section.has("region") else { return nil }
    if let geometry {
      let seen = region ?? Region(grid: geometry.grid)
      guard section.place("region", seen, within: (geometry.grid, geometry.grid), named: "grid") else { return nil }
      if seen.width % block != 0 || seen.height % block != 0 {
        section.reject("block", "\(block) does not divide the detector's \(seen.width)x\(seen.height) grid samples")
        return nil
      }
    }
    return DetectorDescription(block: block, region: region, saturation: saturation, bits: bits, fullScale: fullScale)
  }

  private func readSource(on geometry: GeometryDescription?) -> SourceDescription? {
    if !file.has("source") { return SourceDescription() }
    guard let section = file.section("source", keys: ["amplitude"]), let name = section.text("amplitude") else {
      return nil
    }
    do {
      let path = name.hasPrefix("/") ? name : folder + "/" + name
      let amplitude = try Stack<Double>(npy: NPY.read(path))
      if let geometry {
        guard amplitude.count == 1, amplitude.height == geometry.grid, amplitude.width == geometry.grid else {
          section.reject(
            "amplitude",
            "\(name) has \(amplitude.height)x\(amplitude.width) values, expected \(geometry.grid)x\(geometry.grid)")
          return nil
        }
      }
      guard amplitude.values.allSatisfy({ $0 >= 0 }) else {
        section.reject("amplitude", "\(name) holds negative amplitudes")
        return nil
      }
      return SourceDescription(amplitude: amplitude)
    } catch {
      section.reject("amplitude", "\(error)")
      return nil
    }
  }
}

extension Section {
  /// A rectangle `{x, y, width, height}`.
  func region(_ key: String) -> Region? {
    section(key, keys: ["x", "y", "width", "height"]).flatMap { $0.rectangle() }
  }

  /// This section's own values as a rectangle.
  func rectangle() -> Region? {
    let x = integer("x", 0...65536)
    let y = integer("y", 0...65536)
    let width = integer("width", 1...65536)
    let height = integer("height", 1...65536)
    guard let x, let y, let width, let height else { return nil }
    return Region(x: x, y: y, width: width, height: height)
  }

  /// Whether `region` lies inside a panel or grid of the given size; a mistake at `key` when it does not.
  func place(_ key: String, _ region: Region, within size: (width: Int, height: Int), named name: String) -> Bool {
    if region.x + region.width <= size.width, region.y + region.height <= size.height { return true }
    reject(
      key,
      "the region ends at (\(region.x + region.width), \(region.y + region.height)), outside the \(name) of "
        + "\(size.width)x\(size.height)")
    return false
  }
}
