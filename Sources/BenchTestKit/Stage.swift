import Concurrency
import Dispatch
import Foundation

/// What a test shares with the jobs that it submits: a clock that only moves when told to, and gates at which a job waits.
public final class Stage: Sendable {
  private struct State {
    var time = 100.0
    var open: Set<String> = []
    var waiting: [String: [Int: CheckedContinuation<Void, Never>]] = [:]
    var arrivals = 0
  }

  private let state = Locked(State())
  public let name = UUID().uuidString
  /// What a thread waits for that nothing else can wake.
  public let hang = DispatchSemaphore(value: 0)

  public init() { Self.stages.withLock { $0[name] = self } }

  /// Seconds.
  public var time: Double { state.withLock { $0.time } }

  public func advance(by seconds: Double) { state.withLock { $0.time += seconds } }

  /// Lets everybody through who waits at a gate or comes to it later.
  public func open(_ gate: String) {
    let passing = state.withLock { state in
      state.open.insert(gate)
      return state.waiting.removeValue(forKey: gate) ?? [:]
    }
    for continuation in passing.values { continuation.resume() }
  }

  /// Has everybody wait who comes to a gate from now on.
  public func close(_ gate: String) { _ = state.withLock { $0.open.remove(gate) } }

  /// Waits until a gate is open, or the task is cancelled, and lets no other task through then.
  public func pass(_ gate: String) async {
    let place = state.withLock { state in
      state.arrivals += 1
      return state.arrivals
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let passes = state.withLock { state in
          let passes = state.open.contains(gate) || Task.isCancelled
          if !passes { state.waiting[gate, default: [:]][place] = continuation }
          return passes
        }
        if passes { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting[gate]?.removeValue(forKey: place) }?.resume()
    }
  }

  private static let stages = Locked<[String: Stage]>([:])

  public static func named(_ name: String) -> Stage? { stages.withLock { $0[name] } }
}
