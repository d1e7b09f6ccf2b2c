import Arrays
import Files
import Optics
import StrictYAML
import Twin

/// What a bench file says of the twin.
struct ReadTwin {
  var description: TwinDescription
  let parameters: TwinParameters
  let considered: [String]
  let roughness: LayerRoughness?
}

/// Reads the part of a bench file that the twin needs.
struct TwinReader {
  let file: Section
  /// Names of arrays are looked for in this folder.
  let folder: String

  func read() -> ReadTwin? {
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
      geometry: geometry, input: input, detector: detector, modulator: modulator.description, source: source)
    let reader = ParametersReader(file: file)
    guard let parameters = reader.read(of: twin) else { return nil }
    return ReadTwin(
      description: twin, parameters: parameters, considered: reader.considered(parameters),
      roughness: modulator.roughness)
  }

  private func readGeometry() -> GeometryDescription? {
    guard let section = file.section("geometry", TwinSchema.geometry) else { return nil }
    var geometry = TwinSchema.geometry.start
    let wrong = TwinSchema.geometry.read(section, into: &geometry)
    guard let kind = geometry.kind else { return nil }
    let key = kind == .planes ? "spacing" : "mirrorGap"
    if !section.has(key) { section.missing(key) }
    guard wrong.isEmpty, let distance = geometry.distance else { return nil }
    (geometry.description.kind, geometry.description.distance) = (kind, distance)
    return geometry.description
  }

  private func readInput(on geometry: GeometryDescription?) -> InputDescription? {
    guard let section = file.section("input", TwinSchema.input) else { return nil }
    var input = TwinSchema.input.start
    let wrong = TwinSchema.input.read(section, into: &input)
    guard wrong.isSubset(of: ["levels"]) else { return nil }
    if let geometry, input.size * input.block > geometry.grid {
      section.reject(
        "size",
        "\(input.size) pixels of \(input.block) samples are \(input.size * input.block) samples, wider than the grid of "
          + "\(geometry.grid)")
      return nil
    }
    return input
  }

  private func readDetector(on geometry: GeometryDescription?) -> DetectorDescription? {
    var detector = TwinSchema.detector.start
    if !file.has("detector") { return detector }
    guard let section = file.section("detector", TwinSchema.detector) else { return nil }
    let wrong = TwinSchema.detector.read(section, into: &detector)
    guard wrong.isDisjoint(with: ["block", "region"]) else { return nil }
    if let geometry {
      let seen = detector.region ?? Region(grid: geometry.grid)
      guard section.place("region", seen, within: (geometry.grid, geometry.grid), named: "grid") else { return nil }
      if seen.width % detector.block != 0 || seen.height % detector.block != 0 {
        section.reject(
          "block", "\(detector.block) does not divide the detector's \(seen.width)x\(seen.height) grid samples")
        return nil
      }
    }
    return detector
  }

  private func readSource(on geometry: GeometryDescription?) -> SourceDescription? {
    if !file.has("source") { return SourceDescription() }
    guard let section = file.section("source", TwinSchema.source),
      let name = TwinSchema.source.read(section)?.amplitude
    else { return nil }
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
  /// Whether `region` lies inside a panel or grid of the given size; a mistake at `key` when it does not.
  fileprivate func place(
    _ key: String, _ region: Region, within size: (width: Int, height: Int), named name: String
  ) -> Bool {
    if region.x + region.width <= size.width, region.y + region.height <= size.height { return true }
    reject(
      key,
      "the region ends at (\(region.x + region.width), \(region.y + region.height)), outside the \(name) of "
        + "\(size.width)x\(size.height)")
    return false
  }
}
