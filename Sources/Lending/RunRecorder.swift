import Arrays
import BenchAPI
import BenchFile
import Concurrency
import Devices
import Foundation
import MeasurementFiles
import Measuring
import ServiceCore

/// Records what a job measures, in files of its run directory: one for each shape of detector frames and setting of the camera, since
/// one job may read the detector in several ways. What goes wrong with a recording is said in the job's log and stops nothing.
package final class RunRecorder: Sendable {
  private struct State {
    var recordings: [String: RunRecording] = [:]
    var raw: RawRecording?
    var step = 0
  }

  private let directory: String
  private let attributes: RecordingAttributes
  private let log: @Sendable (String) -> Void
  private let state = Locked(State())

  /// - Parameter log: receives what goes wrong, and is called from the thread that measures.
  package init(
    of job: JobSummary, in directory: URL, file: BenchFile, clock: ServiceClock,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.directory = directory.path
    attributes = RecordingAttributes(job, file: file, date: clock.date())
    self.log = log
  }

  deinit { close() }

  /// Adds what was measured with the same layers.
  ///
  /// - Parameter block: grid samples along each side of a sample of the intensities; the detector's own when nil.
  func add(layers: Stack<Float>, inputs: Stack<Float>, _ measured: Measured, block: Int?) {
    let frames = measured.intensities
    // What was computed was not exposed.
    let timings =
      measured.exposures?.images.map(ImageTiming.init)
      ?? Array(repeating: ImageTiming(sequence: 0, presented: 0, exposureStart: 0), count: frames.count)
    let shapes = RecordingShapes(layers: layers, inputs: inputs, frames: frames)
    state.withLock { state in
      do {
        let settings = measured.exposures?.settings
        let key = "\(shapes.layers) \(shapes.input) \(shapes.frame) \(settings.map { "\($0)" } ?? "")"
        let recording: RunRecording
        if let present = state.recordings[key] {
          recording = present
        } else {
          var attributes = attributes
          attributes.block = block ?? attributes.block
          attributes.saturation = measured.saturation.map { Double($0) }
          attributes.camera = settings
          recording = try RunRecording(
            path: RunRecording.nextPath(in: directory), attributes: attributes, shapes: shapes)
          state.recordings[key] = recording
        }
        try recording.append(
          layers: layers, inputs: inputs, frames: frames, timings: timings, step: state.step,
          mark: FrameMark.current)
      } catch {
        log("recording: \(error)")
      }
      state.step += 1
    }
  }

  /// Adds a raw step.
  func add(_ step: RawStep, _ taken: RawFrames, camera: CameraFacts, panels: [ModulatorDescription]) {
    state.withLock { state in
      do {
        if state.raw == nil {
          state.raw = try RawRecording(
            path: RawRecording.nextPath(in: directory), attributes: attributes, camera: camera,
            panels: panels.map { ($0.width, $0.height) })
        }
        try state.raw?.append(step, taken)
      } catch {
        log("recording: \(error)")
      }
    }
  }

  package func close() {
    state.withLock { $0.raw }?.close()
    for recording in state.withLock({ $0.recordings.values.map(\.self) }) { recording.close() }
  }
}

extension RecordingAttributes {
  fileprivate init(_ job: JobSummary, file: BenchFile, date: Date) {
    let parameters = (try? APICoding.encode(job.listed.parameters)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    let twin = (try? APICoding.encode(file.twin)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    var (monotonic, real) = (timespec(), timespec())
    clock_gettime(CLOCK_MONOTONIC, &monotonic)
    clock_gettime(CLOCK_REALTIME, &real)
    let offset = (real.tv_sec - monotonic.tv_sec) * 1_000_000_000 + real.tv_nsec - monotonic.tv_nsec
    self.init(
      software: SoftwareVersion.current, revision: SoftwareRevision.current, kind: job.kind, parameters: parameters,
      seed: job.parameters["seed"]?.seed, bench: file.text, configuration: twin,
      orientation: file.devices?.layout.camera.orientation ?? .upright, block: file.twin.detector.block,
      date: date.formatted(.iso8601), clockOffset: Int64(offset))
  }
}

extension JSONValue {
  /// A seed as it was given, not rounded to what a floating-point number holds.
  fileprivate var seed: UInt64? {
    switch self {
    case .integer(let value): UInt64(exactly: value)
    case .number(let value): UInt64(exactly: value)
    default: nil
    }
  }
}
