import Arrays
import Devices
import Foundation
import Measuring
import Twin

/// Which patterns and exposures tell how the camera looks at the plane, and where the layers lie.
///
/// Images with flat layers come first: they light coarse, asymmetric squares that the twin predicts whatever the angles are. Layers of
/// squares under a white image follow: they tell what is an angle of the light and what is the camera's place.
struct RegistrationPlan: Sendable {
  let description: TwinDescription
  let layout: BenchLayout
  /// Seconds until all panels are at rest.
  let rest: Double
  let images: Stack<Float>
  let squares: [Stack<Float>]

  /// Images, layers of squares, and how many of these the fit does not see.
  static let (imageCount, squareCount, heldOut) = (3, 24, 8)
  /// Frames of each image, of a pattern of squares, and in the dark.
  private static let (imageFrames, darkFrames) = (3, 4)
  /// The part of full scale up to which images and squares are exposed. Single speckles may be brighter.
  private static let (imageLevel, squareLevel) = (0.7, 0.6)
  /// The share of pixels that may be brighter than what an exposure is chosen by: hot ones, and single speckles.
  static let rank = 0.999
  /// How much shorter or longer the next look is; looks at most; less light than this part of full scale is none.
  private static let (lookFactor, mostLooks, faint) = (8.0, 8, 0.02)

  init(_ description: TwinDescription, _ layout: BenchLayout, seed: UInt64) {
    (self.description, self.layout) = (description, layout)
    let timing = layout.timing
    rest = max(
      (timing.layerLatency ?? 0) + timing.layerSettle, (timing.inputLatency ?? 0) + timing.inputSettle)
    let geometry = description.geometry
    images = AsymmetricImages.images(Self.imageCount, size: description.input.size, seed: seed)
    squares = SquarePatterns(layers: geometry.layers, grid: geometry.grid).series(Self.squareCount, seed: seed)
  }

  var white: Stack<Float> {
    Stack(count: 1, height: description.input.size, width: description.input.size, repeating: 1)
  }

  var flat: Stack<Float> {
    Stack(count: description.geometry.layers, height: description.geometry.grid, width: description.geometry.grid)
  }

  // MARK: - Steps

  /// The first step: how large the panels are is only known once a step was taken.
  func first() -> RawPlan { RawPlan(steps: [RawStep(.dark, rest: rest, frames: 2)]) }

  /// The dark, an image and squares, each at its exposure.
  func look(_ exposures: (image: CameraSettings, squares: CameraSettings), _ facts: CameraFacts) throws -> RawPlan {
    RawPlan(steps: [
      RawStep(.dark, rest: rest, settings: exposures.image, frames: 2),
      RawStep(.dark, rest: rest, settings: exposures.squares, frames: 2),
      try step(flat, images.planes(0..<1), exposures.image, facts, frames: 2),
      try step(squares[0], white, exposures.squares, facts, frames: 2),
    ])
  }

  /// The next look after those before; nil when there is nothing better.
  func nextLook(after looks: [RegistrationLook]) -> (image: CameraSettings, squares: CameraSettings)? {
    guard let last = looks.last, looks.count < Self.mostLooks else { return nil }
    guard let limits = last.limits, last.image.needsAnother || last.squares.needsAnother else { return nil }
    func next(_ seen: RegistrationLook.Seen) -> CameraSettings {
      let factor = seen.isSaturated ? 1 / Self.lookFactor : seen.isFaint ? Self.lookFactor : 1
      return seen.settings.exposed(seen.settings.exposure * factor, within: limits)
    }
    let exposures = (image: next(last.image), squares: next(last.squares))
    let isKnown = looks.contains {
      $0.image.settings.isAsLong(as: exposures.image) && $0.squares.settings.isAsLong(as: exposures.squares)
    }
    return isKnown ? nil : exposures
  }

  /// All frames, at the exposures that a look has found.
  func series(after look: RegistrationLook, _ facts: CameraFacts) throws -> RawPlan {
    let limits = look.limits ?? look.image.settings.exposure...look.image.settings.exposure
    func settings(_ seen: RegistrationLook.Seen, _ level: Double) -> CameraSettings {
      look.limits == nil
        ? seen.settings
        : seen.settings.exposed(seen.settings.exposure * level / max(seen.brightness, 1e-9), within: limits)
    }
    let image = settings(look.image, Self.imageLevel)
    let square = settings(look.squares, Self.squareLevel)
    var steps = [
      RawStep(.dark, rest: rest, settings: image, frames: Self.darkFrames),
      RawStep(.dark, rest: rest, settings: square, frames: Self.darkFrames),
    ]
    for index in 0..<images.count {
      steps.append(try step(flat, images.planes(index..<index + 1), image, facts, frames: Self.imageFrames))
    }
    steps.append(try step(flat, white, square, facts, frames: 2))
    for (index, pattern) in squares.enumerated() {
      // The second frame of the first pattern tells the noise.
      steps.append(try step(pattern, white, square, facts, frames: index == 0 ? 2 : 1))
    }
    return RawPlan(steps: steps)
  }

  private func step(
    _ layers: Stack<Float>, _ image: Stack<Float>, _ settings: CameraSettings, _ facts: CameraFacts, frames: Int
  ) throws -> RawStep {
    guard let panel = facts.panel(.layers), let other = facts.panel(.input) else { throw CalibrationError.noDevices }
    let encoder = PatternEncoder(layout: layout)
    var phases = Pattern(width: panel.width, height: panel.height)
    encoder.draw(layers: layers, on: &phases)
    if layout.input.onLayerModulator {
      encoder.draw(input: image, index: 0, on: &phases)
      return RawStep(.pattern(phases, on: .layers), rest: rest, settings: settings, frames: frames)
    }
    var picture = Pattern(width: other.width, height: other.height)
    encoder.draw(input: image, index: 0, on: &picture)
    return RawStep(.pattern(phases, on: .layers), beside: picture, rest: rest, settings: settings, frames: frames)
  }

  // MARK: - Limits

  /// - Throws: when a look shows that no exposure helps, or that the image makes no difference.
  static func judge(_ look: RegistrationLook, _ facts: CameraFacts) throws {
    if look.image.isSaturated, let limits = look.limits {
      throw CalibrationError.saturatedAtShortest(exposure: limits.lowerBound)
    }
    if look.image.isSaturated { throw CalibrationError.saturated }
    guard look.image.isFaint else { return }
    throw look.isLitInTheDark ? CalibrationError.unchanging(facts, .input) : CalibrationError.noLight
  }

  static func isFaint(_ brightness: Double) -> Bool { brightness < faint }
}

extension CameraSettings {
  /// Whether a camera takes two exposures for one.
  fileprivate func isAsLong(as other: CameraSettings) -> Bool { abs(exposure - other.exposure) < 1e-3 * other.exposure }

  fileprivate func exposed(_ exposure: Double, within limits: ClosedRange<Double>) -> CameraSettings {
    var settings = self
    settings.exposure = min(max(exposure, limits.lowerBound), limits.upperBound)
    return settings
  }
}
