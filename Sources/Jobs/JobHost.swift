import Arrays
import BenchAPI
import BenchFile
import Calibration
import Files
import Foundation
import Lending

/// What a routine may use while it runs, wherever that is: in the daemon, or in the process of a command.
///
/// Everything that a routine leaves in the run directory it finds there again when it resumes, in either place.
public protocol JobHost: Sendable {
  var id: String { get }

  /// The run directory, which exists.
  var directory: URL { get }

  /// The bench as its file describes it.
  var file: BenchFile { get }

  /// The bench itself, which is the job's own until it returns; nil for a routine that needs none, where there is none.
  var equipment: BenchEquipment? { get }

  /// Threads that the job may compute with.
  var threads: Int { get }

  /// What the job has reported so far, in earlier runs, too.
  var events: [JobEvent] { get }

  /// Bytes of all images or frames that a job may leave in one array.
  var frameBytes: Int { get }

  /// The calibrations of the daemon; nil where there are none.
  var calibrations: CalibrationStore? { get }

  /// An uploaded array, whose header can be looked at before the rest is read.
  func array(_ name: String) throws -> StackFile

  /// Says how far a phase is, in steps. Rate and time left count from the phase's first report, so that this should come
  /// before the first step.
  func progress(_ phase: String, _ completed: Int, of total: Int, pace: ProgressPace)

  /// Adds a point to named curves.
  func metrics(_ phase: String, step: Int, _ values: [String: Double])

  /// Adds a line to the job's log.
  func log(_ message: String)

  /// Writes a file into the run directory and serves it as an artefact.
  func write(_ bytes: [UInt8], as name: String) throws

  /// Serves a file that the job itself wrote into the run directory.
  func publish(_ name: String) throws
}

extension JobHost {
  /// The bench.
  ///
  /// - Throws: ``JobHostError/noBench``.
  public var bench: BenchEquipment {
    get throws {
      guard let equipment else { throw JobHostError.noBench }
      return equipment
    }
  }

  public func progress(_ phase: String, _ completed: Int, of total: Int) {
    progress(phase, completed, of: total, pace: .steps)
  }

  /// Writes an array as an artefact `name`, which should end in `.npy`.
  public func write(_ stack: Stack<Float>, as name: String) throws {
    try write(NPY.encode(NPYArray(stack)), as: name)
  }

  /// - Throws: `CancellationError` when the job has been cancelled.
  public func checkCancellation() throws { try Task.checkCancellation() }

  /// The bench as it is known: as its file states it where there are no calibrations.
  package func calibratedBench() async throws -> CalibratedBench {
    try await calibrations?.bench(of: file, serials: equipment?.serials) ?? CalibratedBench(StatedBench(file))
  }
}

/// What a host does not have.
public enum JobHostError: Error, Sendable, Equatable, CustomStringConvertible {
  case noBench
  case noArrays
  case noCalibrations

  public var description: String {
    switch self {
    case .noBench: "this job needs a bench, and runs where there is none"
    case .noArrays: "arrays are uploaded to a daemon; this job runs without one"
    case .noCalibrations: "calibrations are kept by a daemon; this job runs without one"
    }
  }
}

/// A host that keeps what happens in a ``Job``.
protocol RecordingHost: JobHost {
  var job: Job { get }
}

extension RecordingHost {
  var id: String { job.id }
  var directory: URL { job.directory }
  var events: [JobEvent] { job.record.events }

  func progress(_ phase: String, _ completed: Int, of total: Int, pace: ProgressPace) {
    job.progress(phase: phase, completed: completed, total: total, pace: pace)
  }

  func metrics(_ phase: String, step: Int, _ values: [String: Double]) {
    job.append(.metrics(phase: phase, step: step, values: values))
  }

  func log(_ message: String) { job.append(.log(message)) }

  func write(_ bytes: [UInt8], as name: String) throws {
    try FileName.check(name, of: "an artefact")
    try AtomicFile.write(bytes, to: directory.appendingPathComponent(name).path)
    job.add(artefact: name)
  }

  func publish(_ name: String) throws {
    try FileName.check(name, of: "an artefact")
    job.add(artefact: name)
  }
}
