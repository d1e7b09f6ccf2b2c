import Arrays
import BenchAPI
import Files
import Foundation
import Lending
import Twin

/// What a running job may use: the bench, which is its own until it returns, its run directory, the uploaded arrays, and
/// the ways to report its progress.
public struct JobContext: Sendable {
  /// The bench.
  public let bench: BenchEquipment
  /// Threads that the job may compute with.
  public let threads: Int
  let job: Job
  package let shelf: ArrayShelf
  package let calibrations: CalibrationStore
  /// Bytes of the frames of one measurement.
  package let frameBytes: Int

  public var id: String { job.id }

  /// What the job has reported so far, in earlier daemons, too.
  package var events: [JobEvent] { job.record.events }

  /// `<state>/runs/<id>`, which exists.
  public var directory: URL { job.directory }

  /// An uploaded array.
  public func array(_ name: String) throws -> Stack<Float> { try shelf.stack(name) }

  /// Says how far a phase is, in steps. Rate and time left count from the phase's first report, so that this should come
  /// before the first step.
  ///
  /// - Parameter isEven: whether all steps take about as long; otherwise no time left is shown, since it would be wrong.
  public func progress(_ phase: String, _ completed: Int, of total: Int, isEven: Bool = true) {
    job.progress(phase: phase, completed: completed, total: total, isEven: isEven)
  }

  /// Adds a point to named curves.
  public func metrics(_ phase: String, step: Int, _ values: [String: Double]) {
    job.append(.metrics(phase: phase, step: step, values: values))
  }

  /// Adds a line to the job's log.
  public func log(_ message: String) { job.append(.log(message)) }

  /// - Throws: `CancellationError` when the job has been cancelled.
  public func checkCancellation() throws { try Task.checkCancellation() }

  /// Writes a file into the run directory and serves it as an artefact.
  public func write(_ bytes: [UInt8], as name: String) throws {
    try FileName.check(name, of: "an artefact")
    try AtomicFile.write(bytes, to: directory.appendingPathComponent(name).path)
    job.add(artefact: name)
  }

  /// Writes an array as an artefact `name`, which should end in `.npy`.
  public func write(_ stack: Stack<Float>, as name: String) throws {
    try write(NPY.encode(NPYArray(stack)), as: name)
  }

  /// Serves a file that the job itself wrote into the run directory.
  public func publish(_ name: String) throws {
    try FileName.check(name, of: "an artefact")
    job.add(artefact: name)
  }
  /// The parameters in force: calibrated when they were, else as the bench file says.
  package func presentParameters() throws -> TwinParameters {
    // The bench file says what is free, and what is believed of it; a calibration, which values it has.
    guard let calibrated = try calibrations.load(for: bench.file.twin) else { return bench.file.parameters }
    return bench.file.parameters.replacingValues(calibrated).clamped()
  }
}
