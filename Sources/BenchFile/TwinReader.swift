import Twin

/// Reads the part of a bench file that the twin needs.
struct TwinReader {
  let file: Section

  func read() -> (description: TwinDescription, parameters: TwinParameters)? {
    let geometry = readGeometry()
    let input = readInput(on: geometry)
    let detector = readDetector(on: geometry)
    guard let geometry, let input, let detector else { return nil }
    guard let parameters = readParameters(of: geometry) else { return nil }
    return (TwinDescription(geometry: geometry, input: input, detector: detector), parameters)
  }

  private func readGeometry() -> GeometryDescription? {
    let keys = [
      "kind", "wavelength", "pitch", "grid", "layers", "spacing", "mirrorGap", "padding", "sampling", "bandLimit",
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
    let distance = kind.flatMap { readDistance(in: section, kind: $0) }
    guard let kind, let wavelength, let pitch, let grid, let layers, let distance, let padding, let sampling,
      let bandLimit
    else { return nil }
    return GeometryDescription(
      kind: kind, wavelength: wavelength, pitch: pitch, grid: grid, layers: layers, distance: distance,
      padding: padding, sampling: sampling, bandLimit: bandLimit)
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
    guard let section = file.section("input", keys: ["size", "block", "encoding"]) else { return nil }
    let size = section.integer("size", 1...4096)
    let block = section.integer("block", 1...4096)
    let encoding = section.choice("encoding", default: InputDescription.Encoding.amplitude)
    guard let size, let block, let encoding else { return nil }
    if let geometry, size * block > geometry.grid {
      section.reject(
        "size",
        "\(size) pixels of \(block) samples are \(size * block) samples, wider than the grid of \(geometry.grid)")
      return nil
    }
    return InputDescription(size: size, block: block, encoding: encoding)
  }

  private func readDetector(on geometry: GeometryDescription?) -> DetectorDescription? {
    if !file.has("detector") { return DetectorDescription(block: 1) }
    guard let section = file.section("detector", keys: ["block", "region"]) else { return nil }
    let block = section.integer("block", 1...4096, default: 1)
    let region = section.has("region") ? section.region("region") : nil
    guard let block, region != nil || !section.has("region") else { return nil }
    if let geometry {
      let seen = region ?? GridRegion(x: 0, y: 0, width: geometry.grid, height: geometry.grid)
      guard section.place("region", seen, within: (geometry.grid, geometry.grid), named: "grid") else { return nil }
      if seen.width % block != 0 || seen.height % block != 0 {
        section.reject("block", "\(block) does not divide the detector's \(seen.width)x\(seen.height) grid samples")
        return nil
      }
    }
    return DetectorDescription(block: block, region: region)
  }

  private func readParameters(of geometry: GeometryDescription) -> TwinParameters? {
    var parameters = TwinParameters(nominalFor: geometry)
    guard file.has("parameters") else { return parameters }
    guard let section = file.section("parameters", keys: parameters.names) else { return nil }
    for nominal in parameters.all where section.has(nominal.name) {
      guard let stated = readParameter(nominal, in: section) else { continue }
      do { try parameters.update(stated) } catch { section.reject(nominal.name, error.description) }
    }
    return parameters
  }

  private func readParameter(_ nominal: TwinParameter, in parent: Section) -> TwinParameter? {
    let keys = ["start", "prior", "scale", "minimum", "maximum"]
    guard let section = parent.section(nominal.name, keys: keys) else { return nil }
    let quantity = nominal.unit == "m" ? Quantity.distance : .angle
    let width = Quantity(1e-12...quantity.range.upperBound, unit: quantity.unit, prefixes: quantity.prefixes)
    var parameter = nominal
    section.read("start", into: &parameter.value, quantity)
    section.read("prior", into: &parameter.prior, width)
    section.read("scale", into: &parameter.scale, width)
    section.read("minimum", into: &parameter.minimum, quantity)
    section.read("maximum", into: &parameter.maximum, quantity)
    guard parameter.minimum <= parameter.value, parameter.value <= parameter.maximum else {
      section.reject(
        "start",
        "\(shortest(parameter.value)) is not between minimum \(shortest(parameter.minimum)) and maximum "
          + shortest(parameter.maximum))
      return nil
    }
    return parameter
  }
}

extension Section {
  /// A rectangle `{x, y, width, height}`.
  func region(_ key: String) -> GridRegion? {
    section(key, keys: ["x", "y", "width", "height"]).flatMap { $0.rectangle() }
  }

  /// This section's own values as a rectangle.
  func rectangle() -> GridRegion? {
    let x = integer("x", 0...65536)
    let y = integer("y", 0...65536)
    let width = integer("width", 1...65536)
    let height = integer("height", 1...65536)
    guard let x, let y, let width, let height else { return nil }
    return GridRegion(x: x, y: y, width: width, height: height)
  }

  /// Whether `region` lies inside a panel or grid of the given size; a mistake at `key` when it does not.
  func place(_ key: String, _ region: GridRegion, within size: (width: Int, height: Int), named name: String) -> Bool {
    if region.x + region.width <= size.width, region.y + region.height <= size.height { return true }
    reject(
      key,
      "the region ends at (\(region.x + region.width), \(region.y + region.height)), outside the \(name) of "
        + "\(size.width)x\(size.height)")
    return false
  }
}
