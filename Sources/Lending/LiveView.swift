import Arrays
import Concurrency
import Devices

/// What the bench shows and sees at this moment, for those who look on.
///
/// The bench notes here what it does and continues; nothing is computed for a frame that nobody asks for.
package final class LiveView: BenchWitness {
  /// A camera frame with its running number.
  package struct Seen: Sendable {
    package var number: Int
    package var frame: Frame
  }

  /// What a modulator shows: a pattern, or the safe one when nil.
  package struct Shown: Sendable {
    package var pattern: Pattern?
    package var evidence: PresentationReceipt.Evidence?
  }

  /// The last image that was measured, and the bench's answer.
  package struct Answer: Sendable {
    package var number: Int
    /// `[layers, grid, grid]`, radians.
    package var layers: Stack<Float>
    /// `[1, size, size]`.
    package var input: Stack<Float>
    /// `[1, height, width]`.
    package var measured: Stack<Float>
    /// Grid samples along each side of a detector sample; nil for the bench's own.
    package var block: Int?
  }

  private struct State {
    var seen: Seen?
    var numbers = 0
    var answers = 0
    var shown: [String: Shown] = [:]
    var answer: Answer?
    var followers = 0
    var measurements = 0

    mutating func see(_ frame: Frame) {
      numbers += 1
      seen = Seen(number: numbers, frame: frame)
    }
  }

  /// Counts frames, patterns and answers.
  package let changes = ChangeSignal()
  private let state = Locked(State())

  package init() {}

  package var seen: Seen? { state.withLock { $0.seen } }
  package var answer: Answer? { state.withLock { $0.answer } }
  /// Frames and answers since the daemon started: the measure of whether the bench makes progress.
  package var numbers: Int { state.withLock { $0.numbers + $0.answers } }
  package func shown(on modulator: String) -> Shown? { state.withLock { $0.shown[modulator] } }

  /// Whether devices are being used, which must show in ``numbers`` or end before long.
  package var isMeasuring: Bool { state.withLock { $0.measurements > 0 } }

  // MARK: The bench

  /// Counts as a measurement until `body` returns.
  func whileMeasuring<Value>(_ body: () async throws -> Value) async rethrows -> Value {
    state.withLock { $0.measurements += 1 }
    defer { state.withLock { $0.measurements -= 1 } }
    return try await body()
  }

  package func saw(_ pattern: Pattern, on modulator: String, _ receipt: PresentationReceipt) {
    state.withLock { $0.shown[modulator] = Shown(pattern: pattern, evidence: receipt.evidence) }
  }

  package func sawSafePattern(on modulator: String) {
    state.withLock { $0.shown[modulator] = Shown(pattern: nil, evidence: $0.shown[modulator]?.evidence) }
    changes.raise()
  }

  package func saw(_ frame: Frame) {
    state.withLock { $0.see(frame) }
    changes.raise()
  }

  /// A measurement is over.
  func answered(_ answer: (Int) -> Answer) {
    state.withLock { state in
      state.answers += 1
      state.answer = answer(state.answers)
    }
    changes.raise()
  }

  /// The bench is gone.
  func forget() {
    state.withLock { state in
      state.shown = [:]
      state.answer = nil
    }
    changes.raise()
  }

  // MARK: Those who look on

  /// Whether anybody wants frames of an idle bench.
  var isFollowed: Bool { state.withLock { $0.followers > 0 } }

  /// Counts as a follower of the camera until `body` returns.
  package func whileFollowing(_ body: () async throws -> Void) async throws {
    state.withLock { $0.followers += 1 }
    changes.raise()
    defer { state.withLock { $0.followers -= 1 } }
    try await body()
  }
}
