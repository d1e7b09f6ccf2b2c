import Arrays
import Concurrency
import MeasurementFiles
import Measuring

/// A bench as a recording of it: asked what was asked while it was recorded, it answers what was measured then.
///
/// Every frame answers once. What was never recorded goes to the bench itself where there is one, so that an acquisition that was
/// interrupted continues where it stopped, and is an error otherwise.
public struct RecordedUnit: OpticalUnit {
  private let recording: MeasuredFrames
  private let bench: (any OpticalUnit)?
  /// The frames that have not answered yet.
  private let waiting: Locked<[Int]>

  /// - Parameter bench: what answers when the recording does not.
  public init(_ recording: MeasuredFrames, else bench: (any OpticalUnit)? = nil) {
    (self.recording, self.bench) = (recording, bench)
    waiting = Locked(Array(0..<recording.frames.count))
  }

  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    let found = waiting.withLock { waiting in
      take(layers, inputs, block, from: &waiting)
    }
    if let found {
      return Measured(
        intensities: recording.frames.planes(at: found), saturation: recording.saturation,
        exposures: recording.exposures(of: found))
    }
    guard let bench else {
      throw CalibrationError.notRecorded(frame: recording.frames.count - waiting.withLock { $0.count })
    }
    return try await bench.measure(layers: layers, inputs: inputs, block: block)
  }

  /// The frames of all inputs, or nil and none taken when one was not recorded.
  private func take(
    _ layers: Stack<Float>, _ inputs: Stack<Float>, _ block: Int?, from waiting: inout [Int]
  ) -> [Int]? {
    guard block == nil || block == recording.block else { return nil }
    var rest = waiting
    var frames: [Int] = []
    for input in 0..<inputs.count {
      let image = inputs.planes(at: [input])
      let place = rest.firstIndex { recording.patterns[$0] == layers && recording.input(of: $0) == image }
      guard let place else { return nil }
      frames.append(rest.remove(at: place))
    }
    waiting = rest
    return frames
  }
}
