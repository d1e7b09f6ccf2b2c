import Arrays

/// What a fit is given: layer patterns, the images on the beam, and the frame that the bench measured for each pattern.
public struct FitData: Sendable, Equatable {
  /// Phases in radians, one `[layers, grid, grid]` for each frame.
  public var patterns: [Stack<Double>]
  /// Images, `[frames, size, size]`, or one for all frames.
  public var inputs: Stack<Double>
  /// Intensities in any unit, `[frames, height, width]`.
  public var frames: Stack<Double>
  /// Grid samples along each side of a sample of the frames.
  public var block: Int
  /// Frames that the fit does not see; it is judged on them.
  public var heldOut: [Int]
  /// Samples at or above it are clipped and take no part; nil when there are none.
  public var saturation: Double?
  /// What the camera adds, when it is known.
  public var noise: FrameNoise?

  public init(
    patterns: [Stack<Double>], inputs: Stack<Double>, frames: Stack<Double>, block: Int, heldOut: [Int] = [],
    saturation: Double? = nil, noise: FrameNoise? = nil
  ) {
    self.patterns = patterns
    self.inputs = inputs
    self.frames = frames
    self.block = block
    self.heldOut = heldOut
    self.saturation = saturation
    self.noise = noise
  }

  /// The frames that are fitted.
  public var fitted: [Int] { frames.values.isEmpty ? [] : (0..<frames.count).filter { !heldOut.contains($0) } }

  /// Whether any pattern has another phase than 0 and π modulo 2π. Without, the frames are the same for a modulator that
  /// turns the phase the other way.
  public var showsPhases: Bool {
    patterns.contains { pattern in
      pattern.values.contains { phase in
        let halves = phase / .pi
        return abs(halves - halves.rounded()) > 1e-3
      }
    }
  }

  /// The image on the beam of a frame, `[1, size, size]`.
  func input(of frame: Int) -> Stack<Double> {
    inputs.planes(at: [inputs.count == 1 ? 0 : frame])
  }
}

/// The noise of a frame's samples, in the frame's unit.
public struct FrameNoise: Sendable, Codable, Equatable {
  /// Standard deviation in the dark.
  public var read: Double
  /// Variance for each unit of intensity: shot noise.
  public var shot: Double
  /// The step of the converter.
  public var step: Double
  /// The level of a sample in the dark, which has no shot noise; none when nil.
  public var dark: Double?

  public init(read: Double = 0, shot: Double = 0, step: Double = 0) {
    self.read = read
    self.shot = shot
    self.step = step
  }

  /// The noise that two frames of the same scene show, whatever the laser's power in each of them.
  ///
  /// Half the squared difference of a sample estimates its variance; the line of these over the intensity is shot noise, and
  /// where it begins is read noise, in which the converter's steps are contained.
  public init(of first: [Double], and second: [Double]) {
    let power = second.reduce(0) { $0 + $1 * $1 }
    let gain = power > 0 ? zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } / power : 0
    let samples = zip(first, second).map {
      (intensity: ($0 + gain * $1) / 2, variance: ($0 - gain * $1) * ($0 - gain * $1) / 2)
    }
    let count = Double(max(1, samples.count))
    let intensity = samples.reduce(0) { $0 + $1.intensity } / count
    let variance = samples.reduce(0) { $0 + $1.variance } / count
    let spread = samples.reduce(0) { $0 + ($1.intensity - intensity) * ($1.intensity - intensity) }
    let joint = samples.reduce(0) { $0 + ($1.intensity - intensity) * ($1.variance - variance) }
    // Neither of them is negative.
    let slope = intensity > 0 && spread > 0 ? min(max(0, joint / spread), variance / intensity) : 0
    self.init(read: max(0, variance - slope * intensity).squareRoot(), shot: slope)
  }

  /// The variance of a sample of this intensity; rounding to steps counts as step²/12.
  public func variance(at intensity: Double) -> Double {
    read * read + shot * max(0, intensity - (dark ?? 0)) + step * step / 12
  }

  /// How residuals vary when the twin lacks a part δ of the light U besides, as random as a speckle: |U + δ|² varies by 2·|U|²·|δ|² +
  /// |δ|⁴ on average, which is shot noise and read noise in form.
  ///
  /// - Parameters:
  ///   - lack: |δ|² as a part of the mean.
  ///   - mean: that of the frame's samples.
  package func with(lack: Double, mean: Double) -> FrameNoise {
    let missing = lack * max(0, mean - (dark ?? 0))
    var noise = self
    noise.shot += 2 * missing
    noise.read = (read * read + missing * missing).squareRoot()
    return noise
  }
}

extension FitData {
  /// - Throws: ``FitError`` that names the place.
  func validate<Scalar>(for twin: Twin<Scalar>) throws {
    guard frames.count > 0, frames.planeSize > 0 else { throw FitError.noFrames }
    guard patterns.count == frames.count else {
      throw FitError.counts("\(patterns.count) patterns and \(frames.count) frames; every frame needs its pattern")
    }
    guard inputs.count == 1 || inputs.count == frames.count else {
      throw FitError.counts("\(inputs.count) input images and \(frames.count) frames; give one for each frame or one")
    }
    let shape = try twin.detectorShape(block: block)
    guard frames.height == shape.height, frames.width == shape.width else {
      throw TwinError.shape(
        name: "frames", found: [frames.count, frames.height, frames.width],
        expected: [frames.count, shape.height, shape.width])
    }
    if let index = heldOut.first(where: { !(0..<frames.count).contains($0) }) {
      throw FitError.counts("frame \(index) shall be held out, and there are \(frames.count), counted from 0")
    }
    guard Set(heldOut).count == heldOut.count else { throw FitError.counts("a frame is held out twice") }
    guard !fitted.isEmpty else { throw FitError.counts("all \(frames.count) frames are held out; none is left to fit") }
    for frame in 0..<frames.count { try validate(frame: frame) }
  }

  private func validate(frame: Int) throws {
    let values = frames.values[frames.range(ofPlane: frame)]
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw TwinError.nonFinite(name: "frame \(frame)", index: index - values.startIndex)
    }
    let usable = saturation.map { limit in values.filter { $0 < limit } } ?? Array(values)
    guard 2 * usable.count >= values.count else {
      throw FitError.saturated(frame: frame, part: 1 - Double(usable.count) / Double(values.count))
    }
    guard let low = usable.min(), let high = usable.max(), high > low else { throw FitError.dark(frame: frame) }
  }
}
