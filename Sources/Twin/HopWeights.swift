import Arrays
import Concurrency
import Optics

/// The derivatives of the hops' phases of one twin, in the engine's order of frequencies; computed when they are first needed, and
/// then kept for all frames.
final class HopWeights<Scalar: OpticsScalar>: Sendable {
  /// By what a hop depends on.
  typealias Entry = [(quantity: Dependent, weights: AlignedBuffer<Double>)]

  private let shared: SharedParts<Scalar>
  private let known = Locked<[(hop: Hop, entry: Entry)]>([])

  init(_ shared: SharedParts<Scalar>) { self.shared = shared }

  /// Those of a hop of the twin.
  func callAsFunction(_ hop: Hop) -> Entry {
    if let found = known.withLock({ $0.first { $0.hop == hop } }) { return found.entry }
    let entry = shared.medium.derivatives(hop).map { ($0.quantity, shared.weights($0)) }
    known.withLock { $0.append((hop, entry)) }
    return entry
  }

  /// The derivative of a hop's phase along a direction; nil when there is none.
  func derivative(of hop: Hop, along direction: Direction) -> AlignedBuffer<Double>? {
    let terms = self(hop).compactMap { term in term.quantity.slope(along: direction).map { ($0, term.weights) } }
    guard !terms.isEmpty else { return nil }
    let sum = AlignedBuffer<Double>(count: shared.engine.spectrumCount)
    for (slope, weights) in terms {
      for index in 0..<sum.count { sum.pointer[index] += slope * weights.pointer[index] }
    }
    return sum
  }
}
