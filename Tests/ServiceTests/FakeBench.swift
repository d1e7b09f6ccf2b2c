import BenchAPI
import BenchFile
import BenchTestKit
import Concurrency
import Devices
import DriverCatalogue
import Lending

/// A bench without optics: the frame of an image is the image times the sum of all phases.
struct FakeBench: Sendable {
  let modulator: ScriptedPanel
  let camera: ScriptedCamera
  let unit = FakeUnit()
  private let clock: StageClock
  /// Whether its file describes devices, so that there is something to be known of them.
  var hasLayout = false
  /// Where its layout has the camera's region, when it has one.
  var cameraX = 0

  /// What every frame shows.
  static let pixels: [UInt16] = [0, 1, 2, 1000, 4094, 4095]

  /// - Parameters: the pixels of the modulator.
  init(width: Int = 4, height: Int = 3) {
    clock = StageClock()
    modulator = ScriptedPanel(name: "layers", width: width, height: height, clock: clock)
    camera = ScriptedCamera(clock: clock) { _, _ in Self.pixels }
  }

  static let layers = 2
  static let grid = 8
  static let size = 3

  func equipment(truth: JSONValue? = nil) throws -> BenchEquipment {
    let yaml = """
      geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 8, layers: 2, spacing: 0.02, padding: 1}
      input: {size: 3, block: 2, encoding: amplitude}
      detector: {block: 1}

      """
    let devices = """
      devices:
        layerModulator: {driver: simulated}
        inputModulator: {driver: simulated}
        camera: {driver: simulated}
      layout:
        layers: {origins: [{x: 0, y: 0}, {x: 8, y: 0}], scale: 1}
        input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
        camera: {x: \(cameraX), y: 0, width: 8, height: 8}
      simulated: {}
      """
    return BenchEquipment(
      file: try BenchFile(yaml: hasLayout ? yaml + devices : yaml, path: "fake.yaml", drivers: .standard), unit: unit,
      modulators: [modulator], camera: camera,
      clock: clock, truth: truth)
  }
}
