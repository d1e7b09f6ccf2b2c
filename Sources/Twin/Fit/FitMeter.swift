import Concurrency

/// How far a fit is.
public struct FitProgress: Sendable, Equatable {
  /// The part of the work that is done, 0…1: time passes in proportion to it. What is left is what a fit usually takes. It falls when a
  /// second search turns out to be needed.
  public var part: Double
  /// The stage at work, counted from 0.
  public var stage: Int
  /// How many stages there are: those of the search, and at last what the frames say.
  public var stages: Int
  /// Steps of this stage that are done.
  public var iteration: Int
  /// How many there are at most.
  public var iterations: Int
  /// The cost so far, as a part of the frames' variance; nil before the first step.
  public var residual: Double?
}

/// Counts the work of a fit, and tells how far it is.
package final class FitMeter: Sendable {
  private struct State {
    /// What each stage of the present search is expected to take.
    var expected: [Double] = []
    /// What was done in all, and in this stage.
    var done = 0.0
    var doneInStage = 0.0
    /// Nil before the first one of a search.
    var stage: Int?
    var progress = FitProgress(part: 0, stage: 0, stages: 0, iteration: 0, iterations: 0)

    mutating func update() -> FitProgress {
      let later = expected.dropFirst(stage.map { $0 + 1 } ?? 0).reduce(0, +)
      let here = stage.map { max(0, expected[$0] - doneInStage) } ?? 0
      progress.stage = stage ?? 0
      progress.part = done > 0 ? done / (done + here + later) : 0
      return progress
    }
  }

  private let state = Locked(State())
  private let report: @Sendable (FitProgress) -> Void

  package init(_ report: @escaping @Sendable (FitProgress) -> Void) { self.report = report }

  /// A search begins of which each stage takes so much, in units of ``FitWork``.
  package func expect(_ stages: [Double]) {
    state.withLock { state in
      state.expected = stages
      state.stage = nil
      state.progress.stages = stages.count
    }
  }

  /// Nothing more is expected.
  func finish() {
    tell { $0.expected = $0.expected.map { _ in 0 } }
  }

  package func begin(stage: Int, steps: Int) {
    tell { state in
      state.doneInStage = 0
      state.stage = stage
      (state.progress.iteration, state.progress.iterations) = (0, steps)
    }
  }

  package func add(_ work: Double) {
    tell { state in
      state.done += work
      state.doneInStage += work
    }
  }

  /// - Parameter residual: what it is now; nil when it is not computed.
  func step(_ iteration: Int, residual: Double? = nil) {
    tell { state in
      state.progress.iteration = iteration
      state.progress.residual = residual ?? state.progress.residual
    }
  }

  private func tell(_ change: (inout State) -> Void) {
    report(
      state.withLock { state in
        change(&state)
        return state.update()
      })
  }
}
