import Concurrency
import Devices
import MeasurementFiles

/// A bench's devices as a recording of their raw steps: asked for a step, it answers what came of it then.
///
/// Every step answers once. What was never recorded is done by the devices themselves where there are any: an acquisition that
/// was interrupted then continues where it stopped. Otherwise it is an error.
public struct RecordedInstrument: RawBench {
  private let recording: RecordedSteps
  private let bench: (any RawBench)?
  /// The steps that have not answered yet.
  private let waiting: Locked<[Int]>

  /// - Parameter bench: what answers when the recording does not.
  public init(_ recording: RecordedSteps, else bench: (any RawBench)? = nil) {
    (self.recording, self.bench) = (recording, bench)
    waiting = Locked(Array(recording.entries.indices))
  }

  public var facts: CameraFacts { get async { recording.camera } }

  public func take(_ step: RawStep) async throws -> RawFrames {
    let found = waiting.withLock { waiting in
      waiting.firstIndex { recording.entries[$0].step == step }.map { waiting.remove(at: $0) }
    }
    if let found { return recording.entries[found].taken }
    guard let bench else {
      throw CalibrationError.notRecorded(frame: recording.entries.count - waiting.withLock { $0.count })
    }
    return try await bench.take(step)
  }

  public func finish() async throws { try await bench?.finish() }
}
