import Arrays
import BenchFile
import Devices
import DriverCatalogue
import Foundation
import Simulated

/// A simulated bench of two layers whose camera is turned, mirrored and magnified otherwise for every seed, and whose bench file believes that it is
/// upright and in its place.
struct RegistrationBench {
  let orientation: Orientation
  /// Samples of the plane along each side of a pixel.
  let scale: Double
  let imaging: ImagingImperfection
  let beam: SIMD2<Double>
  let layers: [LayerPlacement]
  /// Samples along the side of the detector region; as many as such a camera sees of the plane.
  let side: Int
  /// Pixels along the sensor's sides.
  let sensor: Int

  static let (grid, pitch, spacing) = (64, 16e-6, 4.02e-3)
  /// From 0.3 to 4, in another order than the orientations.
  private static let (scales, count, stride) = (0.3...4, 10, 7)

  /// - Parameter areLayersOff: whether the layers lie elsewhere than the file says, too.
  init(seed: UInt64, areLayersOff: Bool) {
    let random = CounterRandom(seed: seed).stream(named: "registration bench")
    func about(_ reach: Double, _ position: UInt64) -> Double { random.uniform(in: -reach...reach, at: position) }
    let index = Int((seed &- 1) % 1000)
    orientation = Orientation.allCases[index % Orientation.allCases.count]
    let part = Double(index * Self.stride % Self.count) / Double(Self.count - 1)
    scale = Self.scales.lowerBound * pow(Self.scales.upperBound / Self.scales.lowerBound, part)
    let rotation = about(0.5, 0)
    imaging = ImagingImperfection(
      shiftX: about(5, 1) * Self.pitch, shiftY: about(5, 2) * Self.pitch, rotation: rotation, scale: scale,
      aspect: 1 + about(0.03, 3), offset: 0.01, orientation: orientation)
    beam = SIMD2(about(2e-3, 4), about(2e-3, 5))
    layers = (0..<2).map { layer in
      guard areLayersOff else { return .nominal }
      let first = 6 + 4 * UInt64(layer)
      return LayerPlacement(
        shiftX: about(10e-6, first), shiftY: about(10e-6, first + 1), rotation: about(2e-3, first + 2),
        scale: 1 + about(2e-3, first + 3))
    }
    side = scale <= 1 ? 48 : Int(48 / scale) / 4 * 4
    let turned = abs(cos(rotation)) + abs(sin(rotation))
    sensor = max(64, (Int(72 * turned / scale) / 8 + 3) * 8)
  }

  var region: Region {
    Region(x: (Self.grid - side) / 2, y: (Self.grid - side) / 2, width: side, height: side)
  }
  private var corner: Int { (sensor - side) / 2 }

  func file(seed: UInt64, freesLayers: Bool) throws -> BenchFile {
    let free =
      freesLayers
      ? [1, 2].flatMap { plane in
        ["ShiftX", "ShiftY", "Rotation", "Scale"].map { "\n  plane\(plane)\($0): {free: true}" }
      }.joined() : ""
    let places = layers.map {
      "{shiftX: \($0.shiftX), shiftY: \($0.shiftY), rotation: \($0.rotation), scale: \($0.scale)}"
    }.joined(separator: ", ")
    return try BenchFile(
      yaml: """
        geometry: {kind: planes, wavelength: 850e-9, pitch: 16e-6, grid: 64, layers: 2, spacing: 4e-3, padding: 1.5,
          sampling: 2}
        input: {size: 20, block: 3, encoding: amplitude}
        detector: {block: 4, region: {x: \(region.x), y: \(region.y), width: \(side), height: \(side)}}
        parameters:
          spacing: {prior: 0.05e-3}\(free)
        devices:
          layerModulator: {driver: simulated}
          inputModulator: {driver: simulated}
          camera: {driver: simulated}
        layout:
          layers: {origins: [{x: 0, y: 0}, {x: 64, y: 0}], scale: 1}
          input: {origin: {x: 0, y: 0}, scale: 1, fullLevel: 255}
          camera: {x: \(corner), y: \(corner), width: \(side), height: \(side)}
          timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6}
        simulated:
          seed: \(seed)
          misalignment: {exact: {distance: \(Self.spacing), mirrorX: 0, mirrorY: 0, beamX: \(beam.x), beamY: \(beam.y)}}
          noise: {laser: 0.01, shot: true, fullWell: 20e3, read: 5}
          layers: {exact: [\(places)]}
          imaging: {orientation: \(orientation.rawValue), scale: \(scale), rotation: \(imaging.rotation),
            aspect: \(imaging.aspect), shiftX: \(imaging.shiftX), shiftY: \(imaging.shiftY), offset: 0.01}
          layerPanel: {width: 128, height: 64}
          inputPanel: {width: 24, height: 24, refreshRate: 2000, latency: 20e-6, settle: 50e-6}
          camera: {width: \(sensor), height: \(sensor), bits: 12, frameRate: 500, exposure: 1e-3, fullScaleIntensity: 6}
        """, path: "registration.yaml", drivers: .standard)
  }

  // MARK: - Where pixels look

  /// How a camera of that place, with the pixels from a corner on for the detector region, sees the plane.
  struct View {
    let imaging: ImagingImperfection
    let corner: SIMD2<Double>
    let samples: Region

    /// The point in metres that a pixel of the sensor sees.
    func callAsFunction(_ pixel: SIMD2<Double>) -> SIMD2<Double> {
      let place = imaging.orientation.placement(ofPlane: samples.width, samples.height)
      let step = pixel - corner - SIMD2(Double(place.origin.x), Double(place.origin.y))
      let along = step.x * Double(place.perColumn.x) + step.y * Double(place.perColumn.y)
      let down = step.x * Double(place.perRow.x) + step.y * Double(place.perRow.y)
      let half = grid / 2
      let seen = imaging.map((along + Double(samples.x - half)) * pitch, (down + Double(samples.y - half)) * pitch)
      return SIMD2(seen.x, seen.y)
    }
  }

  var view: View { View(imaging: imaging, corner: SIMD2(Double(corner), Double(corner)), samples: region) }
}
