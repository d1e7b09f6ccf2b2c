import Glibc

/// A counter-based random number generator, Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011).
///
/// It has no state: the number at a position is a function of seed, stream and position, so the same seed gives the same
/// numbers in any order and on any number of threads.
public struct CounterRandom: Sendable, Hashable {
  /// What a user chooses; equal seeds give equal numbers.
  public let seed: UInt64
  /// The sequence among those of the seed.
  public let stream: UInt64

  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// An independent stream of the same seed; equal indices give equal streams.
  public func child(_ index: UInt64) -> CounterRandom {
    CounterRandom(seed: seed, stream: Self.mix(stream &+ Self.mix(index &+ 0x9E37_79B9_7F4A_7C15)))
  }

  /// An independent stream of the same seed; equal names give equal streams.
  public func stream(named name: String) -> CounterRandom {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return child(hash)
  }

  /// 64 random bits.
  public func bits(at position: UInt64) -> UInt64 {
    let pair = pair(at: position >> 1)
    return position & 1 == 0 ? pair.0 : pair.1
  }

  /// A number uniform in 0..<1, a multiple of 2⁻⁵³.
  public func uniform(at position: UInt64) -> Double { Self.fraction(bits(at: position)) }

  /// A number uniform in `range`.
  public func uniform(in range: ClosedRange<Double>, at position: UInt64) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform(at: position)
  }

  /// A number of the standard normal distribution (Box and Muller).
  public func normal(at position: UInt64) -> Double {
    let pair = normalPair(at: position >> 1)
    return position & 1 == 0 ? pair.0 : pair.1
  }

  /// A whole number uniform in 0..<`bound`; `bound` is at least 1.
  public func integer(below bound: Int, at position: UInt64) -> Int {
    precondition(bound > 0, "a random integer needs a positive bound")
    return Int(bits(at: position).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Sets `values[i]` to the standard normal number at position `start + i`.
  public func fillNormal(into values: inout [Float], from start: UInt64 = 0) {
    values.withUnsafeMutableBufferPointer { fillNormals($0, from: start) { Float($0) } }
  }

  /// Sets `values[i]` to the standard normal number at position `start + i`.
  public func fillNormal(into values: inout [Double], from start: UInt64 = 0) {
    values.withUnsafeMutableBufferPointer { fillNormals($0, from: start) { $0 } }
  }

  /// The numbers of this stream one after the other, from `position` on, for shuffles and the like.
  public func generator(from position: UInt64 = 0) -> Generator { Generator(random: self, position: position) }

  /// The block function: ten rounds of Philox4x32.
  public static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c0, c1, c2, c3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let first = UInt64(c0) &* 0xD251_1F53
      let second = UInt64(c2) &* 0xCD9E_8D57
      (c0, c2) = (UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1)
      (c1, c3) = (UInt32(truncatingIfNeeded: second), UInt32(truncatingIfNeeded: first))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }

  private func pair(at block: UInt64) -> (UInt64, UInt64) {
    let words = Self.philox(
      counter: Self.words(block, stream), key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)))
    return (UInt64(words.x) | UInt64(words.y) << 32, UInt64(words.z) | UInt64(words.w) << 32)
  }

  private func normalPair(at block: UInt64) -> (Double, Double) {
    let (first, second) = pair(at: block)
    let radius = (-2 * log(1 - Self.fraction(first))).squareRoot()
    let angle = 2 * Double.pi * Self.fraction(second)
    return (radius * cos(angle), radius * sin(angle))
  }

  @inline(__always)
  private func fillNormals<Scalar>(
    _ values: UnsafeMutableBufferPointer<Scalar>, from start: UInt64, _ convert: (Double) -> Scalar
  ) {
    var index = 0
    if start & 1 == 1, !values.isEmpty {
      values[0] = convert(normal(at: start))
      index = 1
    }
    while index < values.count {
      let pair = normalPair(at: (start &+ UInt64(index)) >> 1)
      values[index] = convert(pair.0)
      if index + 1 < values.count { values[index + 1] = convert(pair.1) }
      index += 2
    }
  }

  private static func fraction(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

  private static func words(_ low: UInt64, _ high: UInt64) -> SIMD4<UInt32> {
    SIMD4(
      UInt32(truncatingIfNeeded: low), UInt32(low >> 32), UInt32(truncatingIfNeeded: high), UInt32(high >> 32))
  }

  /// The finaliser of SplitMix64, a bijection of 64 bits.
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

extension CounterRandom {
  /// A position in a stream that moves on with every number drawn.
  public struct Generator: RandomNumberGenerator, Sendable {
    /// Whose numbers are drawn.
    public let random: CounterRandom
    public fileprivate(set) var position: UInt64

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
      defer { position &+= 1 }
      return random.bits(at: position)
    }
  }
}
