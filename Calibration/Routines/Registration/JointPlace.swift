import Arrays
import Foundation
import Measuring
import ReadableNumbers
import Twin

/// The camera's place together with the light's angles and everything else that the bench file frees. A map of images alone takes an
/// angle of mirror or beam for a shift of the camera; squares on the layers tell the two apart.
struct JointPlace {
  /// The pixels that are fitted. Where a pixel is much smaller than a sample, several count as one.
  let window: CameraWindow
  private let start: CameraPlace
  private let sensor: (width: Int, height: Int)

  /// What a map of images leaves open, as standard deviations: the shift by the angles in samples, the rest by what bends the light.
  private static let (shift, turn) = (10.0, 0.01)
  /// A fit may go this far from where it starts, in samples, and as a factor.
  private static let (reach, factor) = (60.0, 2.0)
  /// Samples of the plane along each side of a pixel up to which blurs of the plane are about those of a frame.
  private static let sameScale = 1.1

  init(_ map: SensorMap, bench: CalibratedBench, sensor: (width: Int, height: Int)) {
    window = CameraWindow(
      map, sensor: sensor, description: bench.description, binning: max(1, Int((1 / map.scale).rounded())))
    start = CameraPlace(window, map)
    self.sensor = sensor
  }

  // MARK: - Fit

  func fit(
    _ bench: CalibratedBench, _ frames: RegistrationFrames, _ plan: RegistrationPlan, limit: Double, _ work: RoutineWork
  ) throws -> FitReport {
    var description = bench.description
    description.detector.region = window.samples
    description.geometry.sampling = max(2, description.geometry.sampling)
    let twin = try Twin<Double>(
      description, parameters: try placed(bench, bench.parameters), threads: work.threads)
    var options = FitOptions()
    options.believed = try placed(bench, bench.stated.parameters)
    options.considered = bench.stated.considered
    options.refusesSingular = false
    options.sufficientDiscrepancy = limit
    let names = free(bench)
    if start.scale > Self.sameScale {
      // Blurs are in samples of the frame, and the squares are that much smaller there.
      options.stages = FitStage.standard(
        names.compactMap { twin.parameters.parameter(named: $0) }, sampling: description.geometry.sampling,
        blurs: FitStage.blurs.map { $0 / start.scale })
    }
    return try twin.fit(data(frames, plan), free: names, options: options) {
      work.progress(.fit, Int(100 * $0.part), 100)
    }
  }

  /// What the bench file frees, and the camera's place. A homography of pixels that count as one is none of the pixels themselves.
  private func free(_ bench: CalibratedBench) -> [String] {
    let stated = bench.parameters.free.map(\.name)
    let all = stated + CameraPlace.names.filter { !stated.contains($0) }
    return window.binning == 1 ? all : all.filter { !Self.isKeystone($0) }
  }

  private static func isKeystone(_ name: String) -> Bool { name.hasPrefix("detectorKeystone") }

  /// Parameters with the camera where the map has it, as sure as a map of images is. What else was found of a camera belongs to the
  /// place where it was.
  private func placed(_ bench: CalibratedBench, _ parameters: TwinParameters) throws -> TwinParameters {
    let pitch = bench.description.geometry.pitch
    var parameters = parameters
    for name in bench.parameters.all.filter({ $0.group == .registration }).map(\.name) {
      parameters[name] = bench.stated.parameters[name]
    }
    let deviations = [Self.shift * pitch, Self.shift * pitch, Self.turn, Self.turn * start.scale, Self.turn]
    let reaches = [Self.reach * pitch, Self.reach * pitch, 0.2, start.scale / Self.factor, 1 / Self.factor]
    for (index, value) in start.values(pitch: pitch).enumerated() {
      guard var parameter = parameters.parameter(named: CameraPlace.names[index]) else { continue }
      (parameter.value, parameter.prior) = (value, deviations[index])
      (parameter.minimum, parameter.maximum) = (value - reaches[index], value + reaches[index])
      parameter.isFree = true
      try parameters.update(parameter)
    }
    return parameters
  }

  private func data(_ frames: RegistrationFrames, _ plan: RegistrationPlan) -> FitData {
    func read(_ picture: Picture) -> [Double] {
      window.read(picture.values, width: picture.width, clipped: RegistrationFrames.clipped)
    }
    let seen = frames.squares.map(read)
    return FitData(
      patterns: plan.squares.map { $0.converted() }, inputs: plan.white.converted(),
      frames: Stack(
        count: seen.count, height: window.samples.height, width: window.samples.width, values: seen.flatMap(\.self)),
      block: 1, heldOut: Array(seen.count - RegistrationPlan.heldOut..<seen.count),
      saturation: RegistrationFrames.clipped, noise: FrameNoise(of: seen[0], and: read(frames.again)))
  }

  // MARK: - What is kept

  /// The camera's place for the pixels that the bench takes, and all else that the fit says of where things lie, with how sure it is:
  /// the camera's place is true of the light's angles that were found with it.
  func kept(
    _ fit: FitReport, _ bench: CalibratedBench
  ) -> (window: CameraWindow, (posterior: Posterior, estimates: [Estimate])) {
    let pitch = bench.description.geometry.pitch
    let found = CameraPlace.names.map { fit.parameters[$0] }
    func map(_ values: [Double]) -> SensorMap { CameraPlace(values: values, pitch: pitch).map(window) }
    let hasKeystone = fit.entries.contains { Self.isKeystone($0.name) }
    // A homography belongs to the pixel from which it is counted.
    let raw =
      hasKeystone ? window : CameraWindow(map(found), sensor: sensor, description: bench.description)
    func place(_ values: [Double]) -> [Double] { CameraPlace(raw, map(values)).values(pitch: pitch) }
    let others = fit.entries.map(\.name).filter { name in
      let group = fit.parameters.parameter(named: name)?.group
      return !CameraPlace.names.contains(name) && group.map(Self.geometric.contains) == true
    }
    let names = CameraPlace.names + others
    let values = place(found) + others.map { fit.parameters[$0] }
    let covariance = covariance(of: names, fit, place, at: found)
    let estimates = names.enumerated().map { index, name in
      let entry = fit.entries.first { $0.name == name }
      return Estimate(
        name: name, unit: entry?.unit ?? "", start: bench.parameters[name], value: values[index],
        standardDeviation: max(0, covariance[index * names.count + index]).squareRoot(),
        isAtBound: entry?.isAtBound ?? false)
    }
    return (raw, (Posterior(names: names, covariance: covariance), estimates))
  }

  /// What says where things lie, and not what the light is or what devices make of it.
  private static let geometric: Set<TwinParameter.Group> = [.registration, .placement, .alignment, .distances]

  /// That of the fit, carried over to the pixels that are kept by the derivatives of their place.
  private func covariance(
    of names: [String], _ fit: FitReport, _ place: ([Double]) -> [Double], at found: [Double]
  ) -> [Double] {
    let (camera, count, all) = (CameraPlace.names.count, names.count, fit.entries.count)
    var slopes = (0..<count * count).map { $0 / count == $0 % count ? 1.0 : 0 }
    for column in 0..<camera {
      let step = max(1e-9, 1e-6 * abs(found[column]))
      var (above, below) = (found, found)
      above[column] += step
      below[column] -= step
      let (high, low) = (place(above), place(below))
      for row in 0..<camera { slopes[row * count + column] = (high[row] - low[row]) / (2 * step) }
    }
    let places = names.map { name in fit.entries.firstIndex { $0.name == name } ?? 0 }
    let known = places.flatMap { row in places.map { fit.covariance[row * all + $0] } }
    func product(_ a: [Double], _ b: [Double], transposed: Bool) -> [Double] {
      (0..<count * count).map { index in
        (0..<count).reduce(0) {
          $0 + a[index / count * count + $1] * b[transposed ? index % count * count + $1 : $1 * count + index % count]
        }
      }
    }
    return product(product(slopes, known, transposed: false), slopes, transposed: true)
  }

  // MARK: - Words

  /// What the result does not say, and what to do about a camera that does not fit the twin.
  func words(_ fit: FitReport, _ estimates: [Estimate], _ bench: CalibratedBench) -> [String] {
    var words: [String] = []
    let pitch = bench.description.geometry.pitch
    let angles = bench.parameters.free.filter { $0.group == .alignment }
    let sure = estimates.prefix(2).map { brief($0.standardDeviation / pitch) }
    words.append(
      angles.isEmpty
        ? "a wrong angle of the beam or the mirror: the bench file frees none, so that it is taken for a shift of the camera"
        : "the camera's shift and the angles of beam and mirror move the light alike: only squares on the layers tell "
          + "them apart, as far as the layers lie where they are believed. The shift is sure to \(sure[0]) samples along x and "
          + "\(sure[1]) along y")
    for estimate in estimates {
      guard let stated = bench.stated.parameters.parameter(named: estimate.name),
        !(stated.minimum...stated.maximum).contains(estimate.value)
      else { continue }
      words.append(
        "\(estimate.name) as it is: \(brief(estimate.value)) is beyond what the bench file allows (\(brief(stated.minimum)) to "
          + "\(brief(stated.maximum))), and the bound is used. Allow more in its section `parameters`, and calibrate again"
      )
    }
    let layers = estimates.contains { $0.name.hasPrefix("plane") }
    if !layers { words.append("where the layers lie: the bench file frees no parameter such as plane1ShiftX") }
    if start.scale / Double(window.binning) < 0.9 {
      let share = brief(start.scale / Double(window.binning))
      words.append(
        "most of the plane: a pixel sees \(share) of a sample, and the twin takes one pixel for a sample. "
          + "Bin \(max(2, window.binning)) × \(max(2, window.binning)) pixels in the camera to see all of it")
    }
    if fit.after.pearson > FitVerdict.sufficientDiscrepancy {
      words.append(
        "what the twin lacks: it predicts frames to \(brief(fit.after.pearson)) (1 - Pearson), and what it lacks may be in "
          + "the places")
    }
    return words
  }
}
