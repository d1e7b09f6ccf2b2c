import BenchFile
import BenchTestKit
import Calibration
import Concurrency
import Devices
import DriverCatalogue
import MeasurementFiles

/// The bench of a file with its devices for the raw steps of a routine.
struct RawTable<Routine: CalibrationRoutine> {
  let bench: CalibratedBench
  let assembled: AssembledBench
  let instrument: BenchInstrument

  init(_ file: BenchFile) async throws {
    assembled = try await file.assemble()
    bench = try CalibratedBench(
      StatedBench(description: file.twin, parameters: file.parameters, layout: file.devices?.layout))
    instrument = BenchInstrument(
      unit: assembled.bench, modulators: assembled.modulators, camera: assembled.camera, clock: assembled.clock)
  }

  func outcome(_ raw: (any RawBench)? = nil) async throws -> RoutineOutcome {
    var acquisition = Acquisition(on: assembled.bench, raw: raw ?? instrument)
    return try await Routine(seed: 1).run(on: bench, &acquisition)
  }

  /// A file for what it does.
  ///
  /// - Parameter panels: the sizes of those of layers and image.
  func recording(in folder: TemporaryFolder, panels: [(width: Int, height: Int)]) async throws -> RawRecording {
    try RawRecording(
      path: RawRecording.nextPath(in: folder.path),
      attributes: RecordingAttributes(
        software: "1", revision: "r", kind: "calibrate", parameters: "{}", bench: "b", configuration: "{}", date: "",
        clockOffset: 0), camera: await instrument.facts, panels: panels)
  }
}

/// A bench that records what it does, and fails after so many steps.
struct RecordedTable: RawBench {
  struct Failure: Error {}
  let bench: BenchInstrument
  let recording: RawRecording
  let asked = Counter()
  var lifetime = Int.max

  var facts: CameraFacts { get async { await bench.facts } }
  func finish() async throws { try await bench.finish() }

  func take(_ step: RawStep) async throws -> RawFrames {
    guard asked.next() <= lifetime else { throw Failure() }
    let taken = try await bench.take(step)
    try recording.append(step, taken)
    return taken
  }
}

/// Counts calls from anywhere.
final class Counter: Sendable {
  private let value = Locked(0)

  var count: Int { value.withLock { $0 } }

  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
