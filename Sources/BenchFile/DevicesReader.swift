import Arrays
import Devices
import StrictYAML
import Twin

/// Reads the sections `devices` and `layout`.
struct DevicesReader {
  let file: Section
  /// Nil when it could not be read; then nothing is compared with it.
  let twin: TwinDescription?

  private static let keys = BenchKeys.devices.map(\.name)

  /// The devices that could be read, whatever is wrong with the rest.
  var choices: [ReadChoice] {
    guard let section = file.quietly("devices") else { return [] }
    return Self.keys.compactMap { key in
      section.quietly(key).flatMap { DeviceChoice(reading: $0) }.map { ReadChoice(key: key, choice: $0) }
    }
  }

  func read() -> BenchDevices? {
    let layout = readLayout()
    guard let section = file.section("devices", keys: Self.keys) else { return nil }
    let layers = readChoice("layerModulator", in: section)
    let camera = readChoice("camera", in: section)
    let shared =
      file.quietly("layout")?.quietly("input")?.quietFlag("onLayerModulator") ?? layout?.input.onLayerModulator ?? false
    if shared, section.has("inputModulator") {
      section.reject("inputModulator", "layout.input.onLayerModulator is true, so there is no other modulator")
    }
    let input = shared ? nil : readChoice("inputModulator", in: section)
    guard let layers, let camera, let layout, shared || input != nil else { return nil }
    return BenchDevices(layerModulator: layers, inputModulator: input, camera: camera, layout: layout)
  }

  private func readChoice(_ key: String, in parent: Section) -> DeviceChoice? {
    parent.section(key, DevicesSchema.device).flatMap { DevicesSchema.device.read($0) }
  }

  private func readLayout() -> BenchLayout? {
    guard let section = file.section("layout", keys: BenchKeys.layout.map(\.name)) else { return nil }
    let layers = readLayers(in: section)
    let input = readInput(in: section)
    let camera = readCamera(in: section)
    let timing = readTiming(in: section)
    guard let layers, let input, let camera else { return nil }
    let image = Region(
      x: input.origin.x, y: input.origin.y, width: input.size * input.scale, height: input.size * input.scale)
    if input.onLayerModulator, let layer = layers.layer(under: image) {
      section.reject("input", "the image covers pixels of layer \(layer); move one of them")
      return nil
    }
    return BenchLayout(layers: layers, input: input, camera: camera, timing: timing)
  }

  private func readLayers(in parent: Section) -> LayerLayout? {
    guard let section = parent.section("layers", DevicesSchema.layers),
      var layout = DevicesSchema.layers.read(section), let twin
    else { return nil }
    (layout.grid, layout.phases) = (twin.geometry.grid, twin.modulator.levels)
    let (origins, count, side) = (layout.origins, twin.geometry.layers, layout.grid * layout.scale)
    if origins.count != count {
      section.reject("origins", "\(origins.count) given for \(count) layers; expected one {x, y} for each layer")
      return nil
    }
    for second in origins.indices {
      for first in 0..<second where origins[first].isWithin(side, of: origins[second]) {
        section.reject("origins", "layers \(first) and \(second) overlap; each is \(side) pixels wide and high")
        return nil
      }
    }
    if let problem = layout.problem {
      section.reject(
        "levelsPerTurn", "\(layout.levelsPerTurn) levels cannot show the phases of the twin; give \(problem)")
      return nil
    }
    return layout
  }

  private func readInput(in parent: Section) -> InputLayout? {
    guard let section = parent.section("input", DevicesSchema.input), var input = DevicesSchema.input.read(section),
      let twin
    else { return nil }
    (input.size, input.values) = (twin.input.size, twin.input.levels)
    input.mirrors = twin.input.encoding == .binary ? twin.input.block : nil
    if let problem = input.problem {
      section.reject(problem.key, "\(problem.value) cannot show the images of the twin; give \(problem.accepted)")
      return nil
    }
    if input.fullLevel == 1, input.mirrors == nil, input.values == nil {
      // A phase of half a turn is nothing that mirrors could mix.
      let grey = "`input.encoding: binary`, which makes grey of mirrors, or "
      section.reject(
        "fullLevel",
        "a panel of two levels shows no grey with `input.encoding: \(twin.input.encoding)`; write "
          + "\(twin.input.encoding == .phase ? "" : grey)`input.levels: 2` if the images are black and white")
      return nil
    }
    return input
  }

  private func readCamera(in parent: Section) -> CameraLayout? {
    guard let section = parent.section("camera", DevicesSchema.camera), let camera = DevicesSchema.camera.read(section),
      let twin
    else { return nil }
    let grid = twin.geometry.grid
    let seen = twin.detector.region ?? Region(grid: grid)
    let expected = camera.orientation.size(ofPlane: seen.width, seen.height)
    if camera.width != expected.width || camera.height != expected.height {
      let turned =
        expected == (seen.width, seen.height) ? "" : ", which the camera shows \(camera.orientation.rawValue)"
      parent.reject(
        "camera",
        "\(camera.width)x\(camera.height) pixels for a detector region of \(seen.width)x\(seen.height) grid samples"
          + "\(turned); expected one pixel for each sample: \(expected.width)x\(expected.height)")
      return nil
    }
    return camera
  }

  private func readTiming(in parent: Section) -> BenchTiming {
    var timing = BenchTiming()
    // A phase-encoded image leaves the light as it is, whatever it shows.
    if twin?.input.encoding == .phase { timing.lightThreshold = 0 }
    if let section = parent.section("timing", DevicesSchema.timing, optional: true) {
      DevicesSchema.timing.read(section, into: &timing)
    }
    return timing
  }
}

extension TwinDescription {
  /// A panel with fewer than 256 levels shows steps, which the twin then computes unless the file says what it tells apart.
  mutating func adopt(_ layout: BenchLayout) {
    if modulator.levels == nil, layout.layers.levelsPerTurn < 256 { modulator.levels = layout.layers.levelsPerTurn }
    guard input.levels == nil, input.encoding != .binary, layout.input.fullLevel < 255 else { return }
    input.levels = layout.input.fullLevel + 1
  }
}

extension DeviceChoice {
  /// What a section says without complaint about what it does not say; nil when it names no driver.
  fileprivate init?(reading section: Section) {
    guard let driver = section.quietText("driver") else { return nil }
    let settings = section.quietly("settings")
    let pairs = settings?.keys.compactMap { key in settings?.quietText(key).map { (key, $0) } } ?? []
    self.init(driver: driver, settings: Dictionary(pairs) { first, _ in first })
  }
}

extension PanelPoint {
  /// Whether squares of the given side at both points overlap.
  fileprivate func isWithin(_ side: Int, of other: PanelPoint) -> Bool {
    abs(x - other.x) < side && abs(y - other.y) < side
  }
}
