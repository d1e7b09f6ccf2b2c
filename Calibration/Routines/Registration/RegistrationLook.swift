import Devices
import Measuring

/// What a look at an image and at squares shows.
struct RegistrationLook: Sendable {
  struct Seen: Sendable {
    let settings: CameraSettings
    /// The brightest pixels above the dark, as a part of full scale.
    let brightness: Double
    let isSaturated: Bool
    var isFaint: Bool { RegistrationPlan.isFaint(brightness) }
    /// Whether another exposure would tell more. What is dim is enough to choose an exposure by.
    var needsAnother: Bool { isSaturated || isFaint }
  }

  let image: Seen
  let squares: Seen
  let limits: ClosedRange<Double>?
  /// Whether the safe patterns let as much light through as there is to see.
  let isLitInTheDark: Bool

  /// A difference in the dark, as a part of full scale, that is no unevenness of a sensor.
  private static let structure = 0.1

  init(_ look: AcquiredSteps) {
    let fullScale = Double(look.camera.description.fullScale)
    let means = look.taken.map { PixelStatistics($0.sound.frames).mean }
    func seen(_ step: Int, above dark: Int) -> Seen {
      let place = Int(Double(max(0, means[step].count - 1)) * RegistrationPlan.rank)
      let signal = zip(means[step], means[dark]).map { ($0 - $1) / fullScale }.sorted()
      return Seen(
        settings: look.taken[step].settings, brightness: signal.isEmpty ? 0 : signal[place],
        isSaturated: !signal.isEmpty && means[step].sorted()[place] >= fullScale)
    }
    image = seen(2, above: 0)
    squares = seen(3, above: 1)
    limits = look.camera.limits.exposure
    let dark = means[0].sorted()
    isLitInTheDark =
      !dark.isEmpty
      && (dark[Int(Double(dark.count - 1) * RegistrationPlan.rank)] - dark[dark.count / 10]) / fullScale
        > Self.structure
  }
}
