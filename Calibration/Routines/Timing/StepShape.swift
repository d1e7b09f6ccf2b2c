import Foundation

/// How light follows a command: nothing for a while, then a ramp, behind a lag of first order. A short ramp leaves an exponential, a short
/// lag a straight line; what lies between covers what panels do, one direction at a time. Times in seconds.
struct StepShape: Sendable, Equatable {
  /// From the presentation until the light begins to change.
  var latency: Double
  var ramp: Double
  var lag: Double

  /// How far the light has come at a time after the presentation, 0…1.
  func progress(at time: Double) -> Double {
    (lagged(time - latency) - lagged(time - latency - ramp)) / ramp
  }

  /// How far it has come on average over an exposure.
  func progress(from start: Double, to end: Double) -> Double {
    guard end > start else { return progress(at: start) }
    func integral(_ time: Double) -> Double {
      (twiceLagged(time - latency) - twiceLagged(time - latency - ramp)) / ramp
    }
    return (integral(end) - integral(start)) / (end - start)
  }

  /// The time after the presentation at which a part of the change is done.
  func time(of part: Double) -> Double {
    var (early, late) = (latency, latency + ramp + 60 * lag)
    for _ in 0..<60 {
      let middle = (early + late) / 2
      if progress(at: middle) < part { early = middle } else { late = middle }
    }
    return (early + late) / 2
  }

  /// The integral of 1 − e^(−t/lag) from 0 on, and the integral of that.
  private func lagged(_ time: Double) -> Double {
    time > 0 ? time + lag * expm1(-time / lag) : 0
  }

  private func twiceLagged(_ time: Double) -> Double {
    time > 0 ? time * time / 2 - lag * (time + lag * expm1(-time / lag)) : 0
  }
}
