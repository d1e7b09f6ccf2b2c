import Arrays
import Devices
import Foundation
import Measuring
import Twin

/// How the camera looks at the plane and where the layers lie, as frames of images and of squares say.
public struct RegistrationFit: Sendable {
  /// What is kept.
  public let model: RegistrationModel
  public let posterior: Posterior
  public let estimates: [Estimate]
  /// What the images alone leave unexplained, where the light's angles are taken for a shift of the camera.
  public let unexplained: Double
  /// The joint fit of camera, layers and angles.
  public let fit: FitReport
  public let weaknesses: [String]
  public let frames: Int

  /// The largest discrepancy on held-out frames of a twin whose places count.
  private static let sufficient = 0.1

  /// - Throws: ``CalibrationError`` where the frames do not tell; what the twin throws.
  init(_ measured: [AcquiredSteps], on bench: CalibratedBench, plan: RegistrationPlan, _ work: RoutineWork) throws {
    guard let series = measured.last else { throw CalibrationError.noLight }
    let frames = RegistrationFrames(series, plan, camera: bench.camera)
    guard frames.layersMatter else { throw CalibrationError.panelShowsNothing(.layers) }
    guard frames.imagesMatter else { throw CalibrationError.panelShowsNothing(.input) }
    let predicted = try Self.predicted(bench, plan, threads: work.threads)
    let found = try MapSearch.find(frames: frames.images, predicted: predicted)
    let joint = JointPlace(
      found.map, bench: bench, sensor: (series.camera.description.width, series.camera.description.height))
    let fit = try joint.fit(bench, frames, plan, limit: Self.sufficient, work)
    let (window, kept) = joint.kept(fit, bench)
    (self.fit, unexplained) = (fit, found.unexplained)
    self.frames = measured.reduce(0) { $0 + $1.plan.frames }
    (posterior, estimates) = (kept.posterior, kept.estimates)
    let stated = bench.description.detector.region ?? Region(grid: bench.description.geometry.grid)
    model = RegistrationModel(
      orientation: window.orientation, region: window.region,
      samples: window.samples == stated ? nil : window.samples,
      parameters: ParameterValues(Dictionary(uniqueKeysWithValues: kept.estimates.map { ($0.name, $0.value) })))
    weaknesses = fit.identifiability.weaknesses.map(\.words) + joint.words(fit, kept.estimates, bench)
  }

  /// What the plane shows of the images, with flat layers: on the whole grid, by a camera that is in its place.
  private static func predicted(
    _ bench: CalibratedBench, _ plan: RegistrationPlan, threads: Int
  ) throws -> [Picture] {
    var (description, parameters) = (bench.description, bench.parameters)
    description.detector = DetectorDescription(block: 1)
    for parameter in TwinParameters(nominalFor: description).all where parameter.group == .registration {
      parameters[parameter.name] = parameter.value
    }
    let twin = try Twin<Double>(description, parameters: parameters, threads: threads)
    let seen = try twin.forward(layers: plan.flat.converted(), inputs: plan.images.converted())
    return (0..<seen.count).map {
      Picture(width: seen.width, height: seen.height, values: Array(seen.values[seen.range(ofPlane: $0)]))
    }
  }
}

/// The frames of a series above the dark, as parts of full scale.
struct RegistrationFrames: Sendable {
  /// Of the images, and of the squares in their order.
  let images: [Picture]
  let squares: [Picture]
  /// The second frame of the first squares.
  let again: Picture
  /// Whether squares on the layers, and another image, change what the camera sees.
  let layersMatter: Bool
  let imagesMatter: Bool

  /// Where samples are clipped.
  static let clipped = 1.0
  /// The part of a frame's variance that has to change.
  private static let change = 0.02

  init(_ series: AcquiredSteps, _ plan: RegistrationPlan, camera: CameraModel?) {
    let (fullScale, taken) = (Double(series.camera.description.fullScale), series.taken.map(\.sound.frames))
    let (width, height) = (series.camera.description.width, series.camera.description.height)
    let bad = ((camera?.hotPixels ?? []) + (camera?.deadPixels ?? [])).map { $0.y * width + $0.x }
    func picture(_ frames: [Frame], above dark: [Double]) -> Picture {
      let mean = PixelStatistics(frames).mean
      var values = zip(mean, dark).map { $0 >= fullScale ? Self.clipped : ($0 - $1) / fullScale }
      for pixel in bad where values.indices.contains(pixel) {
        let beside = [pixel - 1, pixel + 1, pixel - width, pixel + width].filter { values.indices.contains($0) }
        values[pixel] = beside.reduce(0) { $0 + values[$1] } / Double(max(1, beside.count))
      }
      return Picture(width: width, height: height, values: values)
    }
    let dark = taken.prefix(2).map { PixelStatistics($0).mean }
    let count = plan.images.count
    images = taken[2..<2 + count].map { picture($0, above: dark[0]) }
    let flat = picture(taken[2 + count], above: dark[1])
    let rest = taken[(3 + count)...]
    squares = rest.map { picture(Array($0.prefix(1)), above: dark[1]) }
    again = picture(Array((rest.first ?? []).suffix(1)), above: dark[1])
    // What differs between two frames of the same pattern is noise.
    let least = Self.change + 2 * Self.difference(squares[0], again)
    layersMatter = squares.contains { Self.difference($0, flat) > least }
    imagesMatter = (1..<count).contains { [images] in
      plan.images.planes(at: [$0]) == plan.images.planes(at: [0]) || Self.difference(images[$0], images[0]) > least
    }
  }

  /// The part of what two frames show in which they differ by more than brightness.
  private static func difference(_ first: Picture, _ second: Picture) -> Double {
    func plane(_ picture: Picture) -> Stack<Double> {
      Stack(count: 1, height: picture.height, width: picture.width, values: picture.values)
    }
    return Discrepancy(plane(first), plane(second)).pearson
  }
}
