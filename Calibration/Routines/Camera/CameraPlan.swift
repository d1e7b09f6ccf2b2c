import Devices
import Foundation
import Measuring

/// Which exposures tell what a camera makes of light. The light is varied by the exposure time only: nothing else of a bench can be
/// relied on to be proportional.
struct CameraPlan: Sendable {
  /// What gives light: one level on the panel of the images.
  let light: RawStep.Shown
  /// Seconds until all panels are at rest.
  let rest: Double

  init(_ layout: BenchLayout) {
    let (level, timing) = (UInt8(clamping: layout.input.fullLevel), layout.timing)
    light = .level(level, on: layout.input.onLayerModulator ? .layers : .input)
    rest = max(
      (timing.layerLatency ?? 0) + timing.layerSettle, (timing.inputLatency ?? 0) + timing.inputSettle)
  }

  /// Light exposures of the series, dark ones, and frames of each of the latter.
  private static let (lightExposures, darkExposures, darkFrames) = (8, 3, 8)
  /// Samples that a gain needs to be known to about half a percent, and the frames of one exposure for them.
  private static let (samples, lightFrames) = (200_000, 4...64)
  /// The part of full scale up to which the brightest pixels are exposed, and how much longer the one is that shows saturation.
  private static let (brightest, overexposure) = (0.85, 1.5)
  /// How much shorter or longer the next look is when the one before saw too much or too little.
  private static let (lookFactor, mostLooks) = (8.0, 8)
  /// The part by which two exposures differ at most that a camera takes for one.
  private static let sameExposure = 1e-3
  /// Exposures are no round numbers: their common step is then the camera's.
  private static let unevenness = 0.0137

  // MARK: - Looking

  /// The dark and the light, at one exposure.
  func look(at settings: CameraSettings?) -> RawPlan {
    RawPlan(steps: [
      RawStep(.dark, rest: rest, settings: settings, frames: 2),
      RawStep(light, rest: rest, settings: settings, frames: 2),
    ])
  }

  /// Another look, when the last one saw too much or too little light and the camera can do better; nil otherwise.
  func nextLook(after looks: [AcquiredSteps]) -> RawPlan? {
    guard let last = looks.last, let limits = last.camera.limits.exposure else { return nil }
    let look = LightLook(last)
    let factor = look.isSaturated ? 1 / Self.lookFactor : look.isDark ? Self.lookFactor : 1
    var settings = look.settings
    settings.exposure = min(max(settings.exposure * factor, limits.lowerBound), limits.upperBound)
    // Back where it was before, or no further: there is nothing better.
    let isKnown = looks.contains { abs($0.exposureOfLight - settings.exposure) < Self.sameExposure * settings.exposure }
    if isKnown || looks.count >= Self.mostLooks { return nil }
    return self.look(at: settings)
  }

  // MARK: - The series

  func series(after last: AcquiredSteps) -> RawPlan {
    let look = LightLook(last)
    let limits = last.camera.limits.exposure ?? look.settings.exposure...look.settings.exposure
    let full = look.settings.exposure * Self.brightest / max(look.brightness, 1e-9)
    let top = min(max(full, limits.lowerBound), limits.upperBound)
    func settings(_ exposure: Double) -> CameraSettings {
      var settings = look.settings
      settings.exposure = min(max(exposure, limits.lowerBound), limits.upperBound)
      return settings
    }
    func exposures(_ count: Int) -> [Double] {
      if limits.lowerBound == limits.upperBound { return [top] }
      return (1...count).map { top * (Double($0) - Self.unevenness * Double($0 % 3)) / Double(count) }
    }
    let frames = min(
      max(Self.samples / (Self.lightExposures * max(1, look.litPixels)) + 1, Self.lightFrames.lowerBound),
      Self.lightFrames.upperBound)
    var steps = exposures(Self.darkExposures).map {
      RawStep(.dark, rest: rest, settings: settings($0), frames: Self.darkFrames)
    }
    steps += exposures(Self.lightExposures).map {
      RawStep(light, rest: rest, settings: settings($0), frames: frames)
    }
    if limits.upperBound >= full * Self.overexposure {
      steps.append(RawStep(light, rest: rest, settings: settings(full * Self.overexposure), frames: 2))
    }
    return RawPlan(steps: steps)
  }
}

extension AcquiredSteps {
  /// Seconds that the last step was exposed.
  fileprivate var exposureOfLight: Double { taken.last?.settings.exposure ?? 0 }
}

/// What a first look at the light shows.
struct LightLook {
  let settings: CameraSettings
  /// The brightest pixels above the dark, as a part of full scale; the very brightest are left out, since they may be hot.
  let brightness: Double
  /// Pixels that have at least a fifth of that.
  let litPixels: Int
  let isSaturated: Bool
  /// Whether there is too little light to measure with.
  let isDark: Bool

  private static let (rank, litPart, enough) = (0.999, 0.2, 0.02)

  init(_ look: AcquiredSteps) {
    let (dark, light) = (look.taken[0], look.taken[1])
    settings = light.settings
    let fullScale = Double(look.camera.description.fullScale)
    let (black, white) = (PixelStatistics(dark.frames).mean, PixelStatistics(light.frames).mean)
    let signal = zip(white, black).map { ($0 - $1) / fullScale }
    let place = Int(Double(max(0, signal.count - 1)) * Self.rank)
    brightness = signal.sorted()[place]
    litPixels = signal.count { [brightness] in $0 >= Self.litPart * brightness }
    isSaturated = white.sorted()[place] >= fullScale
    isDark = brightness < Self.enough
  }
}
