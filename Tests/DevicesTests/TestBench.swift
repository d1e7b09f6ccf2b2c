import Arrays
import Devices
import Foundation
import Simulated

/// A small simulated bench that images its input onto the camera, so that a frame shows which image it belongs to.
struct TestBench {
  static let grid = 32
  static let size = 6
  static let block = 4

  let simulated: SimulatedBench
  let bench: Bench

  /// Timing that covers what ``SimulatedConfiguration`` has by default.
  static let patient = BenchTiming(
    layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6, deadline: 0.5)

  init(
    _ configuration: SimulatedConfiguration = TestBench.configuration(), timing: BenchTiming = TestBench.patient,
    distance: Double = 20e-6, shared: Bool = false,
    camera: CameraLayout = CameraLayout(x: 6, y: 4, width: TestBench.grid, height: TestBench.grid),
    wrap: (any SpatialLightModulator) -> any SpatialLightModulator = { $0 },
    wrapCamera: (any Camera) -> any Camera = { $0 }
  ) throws {
    let optics = NominalOptics(
      kind: .cavity, wavelength: 850e-9, pitch: 9.2e-6, grid: TestBench.grid, layers: 2, distance: distance,
      imageSize: TestBench.size, imageBlock: TestBench.block)
    let layout = BenchLayout(
      layers: LayerLayout(origins: [PanelPoint(x: 3, y: 5), PanelPoint(x: 70, y: 9)], grid: TestBench.grid),
      input: InputLayout(
        origin: PanelPoint(x: 3, y: 50), size: TestBench.size, scale: 2, onLayerModulator: shared),
      camera: camera, timing: timing)
    simulated = try SimulatedBench(configuration: configuration, optics: optics, layout: layout)
    bench = try Bench(
      layerModulator: wrap(simulated.layerModulator), inputModulator: simulated.inputModulator.map(wrap),
      camera: wrapCamera(simulated.camera), clock: simulated.clock, layout: layout)
  }

  static func configuration(
    seed: UInt64 = 1, noise: SensorNoise = SensorNoise(), faults: FrameFaults = FrameFaults()
  ) -> SimulatedConfiguration {
    SimulatedConfiguration(
      seed: seed, misalignment: Misalignment(exact: Alignment(distance: 20e-6)), noise: noise,
      layerPanel: SimulatedPanel(width: 128, height: 80),
      inputPanel: SimulatedPanel(width: 128, height: 80, refreshRate: 2000, latency: 20e-6, settle: 50e-6),
      camera: SimulatedSensor(width: 48, height: 40), faults: faults)
  }

  /// Flat layers, but for a phase that fills the second half of the second one.
  static func layers(step: Float = 0) -> Stack<Float> {
    var layers = Stack<Float>(count: 2, height: grid, width: grid)
    for index in layers.values.indices.suffix(grid * grid / 2) { layers.values[index] = step }
    return layers
  }

  /// Binary images that differ from one another; the first pixel is always bright.
  static func codes(_ count: Int) -> Stack<Float> {
    var images = Stack<Float>(count: count, height: size, width: size)
    for image in 0..<count {
      images[image, 0, 0] = 1
      for bit in 1..<size * size {
        let word = UInt64(image + 1) &* 0x9E37_79B9_7F4A_7C15
        images[image, bit / size, bit % size] = word >> UInt64(bit) & 1 == 1 ? 1 : 0
      }
    }
    return images
  }

  /// The binary image that a measurement with the block of an image pixel shows.
  static func decode(_ measured: Stack<Float>) -> Stack<Float> {
    var images = Stack<Float>(count: measured.count, height: size, width: size)
    let margin = (grid / block - size) / 2
    for image in 0..<measured.count {
      // Between the dimmest bright pixel and the brightest dark one of an unmixed frame.
      let full = measured[image, margin, margin]
      for y in 0..<size {
        for x in 0..<size { images[image, y, x] = measured[image, y + margin, x + margin] > 0.5 * full ? 1 : 0 }
      }
    }
    return images
  }
}
