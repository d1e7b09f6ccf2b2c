/// The judgement on one frame.
public enum FrameVerdict: Sendable, Equatable {
  /// The frame was exposed to the expected pattern and to nothing else.
  case accepted
  /// A reason to reject it; ``MatchingReport`` explains each.
  case tooEarly, erroneous, duplicated, outOfSequence, implausibleTime, black
}

/// What became of the frames that were looked at.
public struct MatchingReport: Sendable, Codable, Equatable {
  /// Frames credited to their pattern.
  public var accepted = 0
  /// The exposure began before the pattern was at rest on the panel.
  public var tooEarly = 0
  /// The device flagged the frame.
  public var erroneous = 0
  /// The sequence number had been delivered before, or the content is that of an earlier frame.
  public var duplicated = 0
  /// The sequence number or the exposure lies before that of an earlier frame.
  public var outOfSequence = 0
  /// The exposure ends before it begins or after the frame was delivered: its clock is not that of the bench.
  public var implausibleTime = 0
  /// Black although the pattern gives light.
  public var black = 0
  /// Sequence numbers that were never delivered.
  public var missing = 0

  public init() {}

  private typealias Field = (name: String, words: String, count: WritableKeyPath<Self, Int> & Sendable)

  /// Every count, with its name for programs and for people.
  private static let fields: [Field] = [
    ("accepted", "accepted", \.accepted), ("tooEarly", "too early", \.tooEarly),
    ("erroneous", "erroneous", \.erroneous), ("duplicated", "duplicated", \.duplicated),
    ("outOfSequence", "out of sequence", \.outOfSequence), ("implausibleTime", "implausible time", \.implausibleTime),
    ("black", "black", \.black), ("missing", "missing", \.missing),
  ]

  /// Every count by its name.
  public var counts: [String: Int] {
    Dictionary(uniqueKeysWithValues: Self.fields.map { ($0.name, self[keyPath: $0.count]) })
  }

  public var rejected: Int { tooEarly + erroneous + duplicated + outOfSequence + implausibleTime + black }

  /// The counts of `later` that `earlier` does not have.
  public static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    for field in fields { difference[keyPath: field.count] -= earlier[keyPath: field.count] }
    return difference
  }

  /// Counts one judgement.
  public mutating func count(_ verdict: FrameVerdict) {
    switch verdict {
    case .accepted: accepted += 1
    case .tooEarly: tooEarly += 1
    case .erroneous: erroneous += 1
    case .duplicated: duplicated += 1
    case .outOfSequence: outOfSequence += 1
    case .implausibleTime: implausibleTime += 1
    case .black: black += 1
    }
  }
}

extension MatchingReport: CustomStringConvertible {
  public var description: String {
    let counts = Self.fields.map { ($0.words, self[keyPath: $0.count]) }
    return counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
  }
}
