import Arrays

/// What is done to images on their way: known pixels are put back, or the images go back up in time to be generated again
/// from there (RePaint, Lugmayr et al., 2022).
public protocol Editing: Sendable {
  /// Called after each update with the states that arrived at a step, or with the images.
  ///
  /// - Returns: nil to continue, or a place before that of the arrival among its timesteps. The images then go back there
  ///   with as much new noise as belongs to it, x_t = √(ᾱ_t/ᾱ_s)·x_s + √(1−ᾱ_t/ᾱ_s)·z, and a sampler begins there without a
  ///   past. Sampling ends only if the jumps do, for which ``Arrival/visits`` is there.
  func edit(_ x: inout Stack<Double>, at arrival: Arrival) throws -> Int?
}

/// Where an update arrived.
public struct Arrival: Sendable {
  /// The place among `timesteps`.
  public let index: Int
  /// The sampler's, with a 0 at the end.
  public let timesteps: [Int]
  public let schedule: NoiseSchedule
  /// Updates that arrived here so far, this one included.
  public let visits: Int
  let source: NoiseSource
  let draw: Int

  /// The step, 0 for the images themselves.
  public var t: Int { timesteps[index] }

  /// Adds standard normal noise, times a deviation, that is used nowhere else. A second call at one arrival gives the same.
  public func addNoise(_ deviation: Double, to x: inout Stack<Double>) {
    source.add(deviation, to: &x.values, draw: draw)
  }
}
