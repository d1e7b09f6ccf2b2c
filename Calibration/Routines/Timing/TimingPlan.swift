import Devices
import Foundation
import Measuring

/// What to measure to see panels change: first whether and about when, then all phases between the presentation and the exposure.
///
/// The phase is swept from both sides. The change is asked for at several delays after the start of an exposure; and exposures of several
/// lengths end at several times after it, which also works where camera and panel run in step and only few phases ever occur.
struct TimingPlan: Sendable {
  let layout: BenchLayout
  let looks: CameraPlan

  init(_ layout: BenchLayout) {
    self.layout = layout
    looks = CameraPlan(layout)
  }

  /// Frames of the dark and of each pattern at rest, and seconds that these are given at least.
  private static let (stillFrames, longRest) = (4, 0.3)
  /// Refreshes that a first look at a change lasts, its frames at most, how much longer the next ones are, and how many.
  private static let (refreshes, mostFrames, widening, widenings) = (2.0, 64, 3, 2)
  /// Frames that a look lasts longer than what it looks for.
  private static let spareFrames = 3
  /// How much longer than the other direction the one that is looked at second may take.
  private static let slower = 2.0
  /// Delays and exposures of the sweep, as parts of the period and of the longest exposure.
  private static let (delays, exposures) = (4, [1.0, 0.6, 0.35, 0.15])
  /// The part of full scale that the brightest pixels have.
  private static let brightness = 0.5
  /// Standard deviations that are sure enough: of the latency as part of a frame, and of settling as part of itself.
  private static let (latencyGoal, settleGoal) = (1.0 / 60, 0.05)
  /// How much longer than the longest exposure one may be of which some pixels saturate.
  private static let brighter = 1.9
  /// Where exposures of a change end that is looked at more closely: in parts of the time to rest, and in parts of the change itself,
  /// which may be much shorter and is hardly known at first. And how often they are placed again.
  private static let (restEnds, changeEnds, refinements) = ([0.4, 0.7, 1, 1.4], [0.1, 0.35, 0.65, 0.95], 2)

  func next(after measured: [AcquiredSteps]) throws -> RawPlan? {
    guard let last = measured.last else { return looks.look(at: nil) }
    let seen = Self.looks(in: measured)
    if seen.count == measured.count {
      if let look = looks.nextLook(after: measured) { return look }
      guard !LightLook(last).isDark else { throw CalibrationError.noLight }
    }
    guard let look = seen.last else { throw CalibrationError.noLight }
    let light = Light(look)
    if seen.count == measured.count { return try first(light, last.camera) }
    let data = try TimingData(Array(measured), layout)
    let sweeps = measured.count { $0.plan.steps.allSatisfy { ($0.change?.delay ?? 0) > 0 } }
    if sweeps == 0 { return try unseen(data, light) ?? sweep(data, light) }
    return sweeps <= Self.refinements ? refinement(data, light, isFirst: sweeps == 1) : nil
  }

  /// The first looks at the light.
  static func looks(in measured: [AcquiredSteps]) -> ArraySlice<AcquiredSteps> {
    measured.prefix { !$0.plan.steps.contains(where: \.showsPattern) }
  }

  /// What the camera may be asked for.
  struct Light {
    let settings: CameraSettings
    let limits: ClosedRange<Double>?
    /// Seconds from one frame to the next.
    let period: Double
    /// Seconds of the longest exposure that is not too bright.
    let longest: Double

    init(_ look: AcquiredSteps) {
      let seen = LightLook(look)
      settings = seen.settings
      period = 1 / (settings.frameRate ?? look.camera.description.frameRate)
      limits = look.camera.limits.exposure.flatMap { limits in
        limits.lowerBound < min(limits.upperBound, 1) ? limits : nil
      }
      let wanted = min(settings.exposure * TimingPlan.brightness / max(seen.brightness, 1e-9), period)
      longest = limits.map { min(max(wanted, $0.lowerBound), $0.upperBound) } ?? settings.exposure
    }

    /// Settings with that exposure, as far as the camera can.
    func exposing(_ exposure: Double) -> CameraSettings {
      var settings = settings
      if let limits { settings.exposure = min(max(exposure, limits.lowerBound), limits.upperBound) }
      return settings
    }

    /// Frames that cover that many seconds, and some to spare.
    func frames(in window: Double) -> Int { Int((window / period).rounded(.up)) + TimingPlan.spareFrames }
  }

  // MARK: - About when

  private func first(_ light: Light, _ camera: CameraFacts) throws -> RawPlan {
    let (settings, rest) = (light.exposing(light.longest), max(Self.longRest, 4 * looks.rest))
    var steps = [
      RawStep(
        .dark, rest: rest, settings: light.exposing(light.longest * (Self.exposures.min() ?? 1)),
        frames: Self.stillFrames)
    ]
    for scene in try TimingScene.scenes(layout, camera) {
      steps += [scene.low, scene.high].map {
        scene.still($0, rest: rest, settings: settings, frames: Self.stillFrames)
      }
      let refresh = 1 / (camera.panel(scene.role)?.refreshRate ?? 60)
      let window = max(Self.refreshes * refresh, 2 * looks.rest)
      steps.append(look(scene, rises: true, light, frames: min(light.frames(in: window), Self.mostFrames)))
    }
    return RawPlan(steps: steps)
  }

  /// A look at changes that were not seen yet, or not to their end; nil when all were.
  private func unseen(_ data: TimingData, _ light: Light) throws -> RawPlan? {
    let steps = try data.directions.compactMap { direction -> RawStep? in
      guard data.restless(direction) == nil else { return nil }
      return look(
        data.scenes[direction.scene], rises: direction.rises, light, frames: try frames(for: direction, data, light))
    }
    return steps.isEmpty ? nil : RawPlan(steps: steps)
  }

  /// How many frames see that change to its end: some more than the other direction took, or many more than were too few.
  private func frames(for direction: TimingData.Direction, _ data: TimingData, _ light: Light) throws -> Int {
    let before = data.looks(at: direction)
    guard let last = before.last else {
      let other = TimingData.Direction(scene: direction.scene, rises: !direction.rises)
      guard let rest = data.restless(other) else { return data.looks(at: other).last?.step.frames ?? Self.mostFrames }
      return light.frames(in: Self.slower * rest)
    }
    guard before.count <= Self.widenings else {
      throw CalibrationError.restless(
        panel: data.scenes[direction.scene].role.rawValue, seconds: Double(last.step.frames) * light.period)
    }
    return last.step.frames * Self.widening
  }

  private func look(_ scene: TimingScene, rises: Bool, _ light: Light, frames: Int) -> RawStep {
    scene.change(
      rises: rises, delay: 0, rest: max(Self.longRest, 4 * looks.rest), settings: light.exposing(light.longest),
      frames: frames)
  }

  // MARK: - All phases

  private func sweep(_ data: TimingData, _ light: Light) -> RawPlan {
    var steps: [RawStep] = []
    for direction in data.directions {
      let frames = Int(((rest(of: direction, data) + light.period) / light.period).rounded(.up)) + 1
      for index in 0..<Self.delays {
        let exposure = light.longest * Self.exposures[index % Self.exposures.count]
        steps.append(
          change(
            data, direction, delay: light.period * (Double(index) + 0.5) / Double(Self.delays),
            settings: light.exposing(exposure), light, frames: frames))
      }
    }
    return RawPlan(steps: steps)
  }

  /// Exposures that end while a change is under way that is not known well, or so fast that only these tell it; nil when there is none.
  private func refinement(_ data: TimingData, _ light: Light, isFirst: Bool) -> RawPlan? {
    guard light.limits != nil else { return nil }
    var steps: [RawStep] = []
    for direction in data.directions {
      guard let fit = StepFit(data.samples(direction), scale: scale(of: direction, data, light)),
        !isKnown(fit, light) || isFirst && fit.rest.value < light.period / 2,
        let soonest = soonest(direction, data, light)
      else { continue }
      let width = max(fit.settle.value, 2e-2 * fit.rest.value)
      let ends = Self.restEnds.map { $0 * fit.rest.value } + Self.changeEnds.map { fit.latency.value + $0 * width }
      for end in ends {
        let frame = ((soonest.phase + end) / light.period).rounded(.down)
        let exposure = soonest.phase + end - frame * light.period
        guard frame >= 0, exposure > 0, exposure < Self.brighter * light.longest else { continue }
        steps.append(
          change(
            data, direction, delay: soonest.delay, settings: light.exposing(exposure), light, frames: Int(frame) + 1))
      }
    }
    return steps.isEmpty ? nil : RawPlan(steps: steps)
  }

  private func isKnown(_ fit: StepFit, _ light: Light) -> Bool {
    fit.latency.deviation < Self.latencyGoal * light.period
      && fit.settle.deviation < Self.settleGoal * fit.settle.value
  }

  /// The delay after which the presentation follows soonest after the start of an exposure, which leaves most room, and how soon.
  private func soonest(
    _ direction: TimingData.Direction, _ data: TimingData, _ light: Light
  ) -> (delay: Double, phase: Double)? {
    data.changes.filter { $0.direction == direction }
      .compactMap { change -> (delay: Double, phase: Double)? in
        guard let delay = change.step.change?.delay, delay > 0 else { return nil }
        return (delay, change.phase - (change.phase / light.period).rounded(.down) * light.period)
      }
      .min { $0.phase < $1.phase }
  }

  private func change(
    _ data: TimingData, _ direction: TimingData.Direction, delay: Double, settings: CameraSettings, _ light: Light,
    frames: Int
  ) -> RawStep {
    // What was shown before came by a change in the other direction, or from the safe pattern.
    let rests = [true, false].map { rest(of: .init(scene: direction.scene, rises: $0), data) }
    return data.scenes[direction.scene].change(
      rises: direction.rises, delay: delay, rest: 2 * ((rests.max() ?? 0) + light.period), settings: settings,
      frames: frames)
  }

  private func rest(of direction: TimingData.Direction, _ data: TimingData) -> Double { data.restless(direction) ?? 0 }

  func scale(of direction: TimingData.Direction, _ data: TimingData, _ light: Light) -> Double {
    max(rest(of: direction, data), light.period / 4)
  }
}

extension RawStep {
  fileprivate var showsPattern: Bool { if case .pattern = shown { true } else { false } }
}
