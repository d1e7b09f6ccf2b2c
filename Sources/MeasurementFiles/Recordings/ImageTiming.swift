import Measuring

/// When an image was shown and seen. Times are nanoseconds of `CLOCK_MONOTONIC`, zero when they are not known.
public struct ImageTiming: Sendable, Equatable {
  /// The running number that the bench gives to its measured images.
  public var sequence: UInt64
  /// When the pattern was on the modulator.
  public var presented: UInt64
  /// When the exposure of the accepted frame began.
  public var exposureStart: UInt64
  /// All that is known of the exposure; nil when no more is known than the above.
  public var exposure: Exposure?

  public init(sequence: UInt64, presented: UInt64, exposureStart: UInt64) {
    self.sequence = sequence
    self.presented = presented
    self.exposureStart = exposureStart
  }

  public init(_ exposure: Exposure) {
    self.init(sequence: exposure.sequence, presented: exposure.presented, exposureStart: exposure.start)
    self.exposure = exposure
  }
}

/// How a recording says how it is known when a pattern reached its panel.
enum EvidenceCode {
  static let unknown: Int64 = -1

  static func code(of evidence: PresentationEvidence?) -> Int64 {
    switch evidence {
    case nil: unknown
    case .flipEvent: 0
    case .verticalBlank: 1
    case .acknowledged: 2
    case .estimated: 3
    }
  }

  /// Nanoseconds by which an estimate may be too early.
  static func bound(of evidence: PresentationEvidence?) -> UInt64 {
    if case .estimated(let bound) = evidence { bound } else { 0 }
  }

  static func evidence(_ code: Int64, bound: UInt64) -> PresentationEvidence? {
    switch code {
    case 0: .flipEvent
    case 1: .verticalBlank
    case 2: .acknowledged
    case 3: .estimated(bound: bound)
    default: nil
    }
  }
}
