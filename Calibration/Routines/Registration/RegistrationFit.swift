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
  /// What the camera saw of the images, and what the plane shows of them where its pixels look.
  let looks: [(seen: Picture, predicted: Picture)]

  /// The largest discrepancy on held-out frames of a twin whose places count.
  private static let sufficient = 0.1

  /// - Throws: ``CalibrationError`` where the frames do not tell; what the twin throws.
  init(_ measured: [AcquiredSteps], on bench: CalibratedBench, plan: RegistrationPlan, _ work: RoutineWork) throws {
    guard let series = measured.last else { throw CalibrationError.noLight }
    let frames = RegistrationFrames(series, plan, camera: bench.camera)
    guard frames.layersMatter else { throw CalibrationError.unchanging(series.camera, .layers) }
    guard frames.imagesMatter else { throw CalibrationError.unchanging(series.camera, .input) }
    let predicted = try Self.predicted(bench, plan, threads: work.threads)
    let found = try MapSearch.find(frames: frames.images, predicted: predicted)
    let sensor = (width: series.camera.description.width, height: series.camera.description.height)
    try Self.requireRoom(found.map, sensor, bench.description)
    looks = zip(frames.images, predicted).prefix(3).map { ($0, found.map.look(at: $1, from: $0)) }
    let joint = JointPlace(found.map, bench: bench, sensor: sensor)
    let fit = try joint.fit(bench, frames, plan, limit: Self.sufficient, work)
    let (window, kept) = joint.kept(fit, bench)
    (self.fit, unexplained) = (fit, found.unexplained)
    self.frames = measured.reduce(0) { $0 + $1.plan.frames }
    (posterior, estimates) = (kept.posterior, kept.estimates)
    model = RegistrationModel(
      orientation: window.orientation, region: window.region,
      parameters: Self.values(kept.estimates, of: fit.parameters))
    weaknesses = fit.identifiability.weaknesses.map(\.words) + joint.words(fit, kept.estimates, bench)
  }

  /// What was found, and all else that the twin has of the camera's place.
  private static func values(_ estimates: [Estimate], of parameters: TwinParameters) -> ParameterValues {
    var values = ParameterValues(parameters.all.filter { $0.group == .registration }.map(\.name), of: parameters)
    for estimate in estimates { values.values[estimate.name] = estimate.value }
    return values
  }

  /// - Throws: ``CalibrationError/registrationUnfit(_:_:)``: a bench whose frames have another size than its file states measures nothing.
  private static func requireRoom(
    _ map: SensorMap, _ sensor: (width: Int, height: Int), _ description: TwinDescription
  ) throws {
    guard let window = CameraWindow.largest(map, sensor: sensor, description: description) else {
      throw CalibrationError.registrationNotFound(unexplained: 1)
    }
    guard window.samples != description.seenRegion else { return }
    let pixels = window.region
    throw CalibrationError.registrationUnfit(
      window.samples,
      CameraLayout(
        x: pixels.x, y: pixels.y, width: pixels.width, height: pixels.height, orientation: window.orientation))
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

extension CalibrationError {
  /// What a panel shows makes no difference to the camera.
  static func unchanging(_ camera: CameraFacts, _ role: ModulatorRole) -> CalibrationError {
    .unchanging(panel: camera.panel(role)?.name ?? role.rawValue)
  }
}
