import BenchAPI
import BenchFile
import Calibration
import Foundation
import Records

/// What is known of the drift of benches, in the state folder.
package struct DriftLedger: Sendable {
  /// A bench with what is in force on it, the oldest first.
  struct Place: Sendable {
    /// By ``BenchHash/of(_:)`` of its twin's description.
    var bench: String
    var known: [CalibrationRecord]

    var calibrations: [String] { known.map(\.id) }
  }

  private let ledger: Ledger<DriftRecord>

  package init(path: String) { ledger = Ledger(path: path) }

  var damage: String? { ledger.damage }
  var count: Int { ledger.lines.count }

  // MARK: - Readings

  private func readings(_ place: Place) -> [(line: DriftRecord, reading: DriftRecord.Reading)] {
    ledger.lines.filter { $0.bench == place.bench }.compactMap { line in line.reading.map { (line, $0) } }
  }

  func keep(_ reading: DriftRecord.Reading, at date: Date, _ place: Place) throws {
    try ledger.append(
      DriftRecord(date: date, bench: place.bench, calibrations: place.calibrations, reading: reading))
  }

  /// Whether it is time for a probe: also when something else is in force than at the last one, or the clock was set back.
  func isDue(at date: Date, every: Double, _ place: Place) -> Bool {
    guard let last = readings(place).last?.line, last.calibrations == place.calibrations else { return true }
    let age = date.timeIntervalSince(last.date)
    return age < 0 || age >= every
  }

  /// The discrepancy that a reading is compared with: that of the first probe after a calibration that someone asked for. What odud
  /// refined since does not change it, so that small losses do not add up unseen.
  func start(of reading: ProbeReading, _ place: Place) -> Double {
    let readings = readings(place)
    if let before = readings.last(where: { $0.line.calibrations == place.calibrations }) { return before.reading.start }
    let own = Set(ledger.lines.compactMap(\.refinement?.run))
    guard let last = readings.last,
      place.known.allSatisfy({ last.line.calibrations.contains($0.id) || own.contains($0.run) })
    else { return reading.discrepancy }
    return last.reading.start
  }

  func hasDrifted(beyond threshold: Double, _ place: Place) -> Bool {
    guard let last = readings(place).last, last.line.calibrations == place.calibrations else { return false }
    return last.reading.discrepancy > threshold * last.reading.start
  }

  // MARK: - Refinements

  private func refinements(_ place: Place) -> [(line: DriftRecord, refinement: DriftRecord.Refinement)] {
    ledger.lines.filter { $0.bench == place.bench }.compactMap { line in line.refinement.map { (line, $0) } }
  }

  func keep(_ refinement: DriftRecord.Refinement, at date: Date, _ place: Place) throws {
    try ledger.append(
      DriftRecord(date: date, bench: place.bench, calibrations: place.calibrations, refinement: refinement))
  }

  /// The refinement that has not ended as far as is known; nil when there is none.
  func pending(_ place: Place) -> DriftRecord.Refinement? {
    refinements(place).last.flatMap { $0.refinement.state == nil ? $0.refinement : nil }
  }

  /// Whether there is none under way, and none came to nothing a short while ago.
  func mayRefine(at date: Date, every: Double, _ place: Place) -> Bool {
    guard let (line, last) = refinements(place).last else { return true }
    guard last.state != nil else { return false }
    let age = date.timeIntervalSince(line.date)
    return last.after != nil || age < 0 || age >= Self.rest * every
  }

  /// Probes that are made before what came to nothing is tried again.
  private static let rest = 6.0

  // MARK: - For clients

  /// What is known of the bench of a file.
  ///
  /// - Parameter refinement: a job that finds a group of parameters again.
  package func response(
    on file: BenchFile, problem: String?, refinement: (_ group: String) -> JobRequest?
  ) throws -> DriftResponse {
    let place = Place(bench: try BenchIdentity(file).description, known: [])
    let readings = readings(place).map { DriftReading($0.line, $0.reading) }
    var response = DriftResponse(
      policy: file.drift?.policy.rawValue, every: file.drift?.every, threshold: file.drift?.threshold,
      readings: readings, refinements: latestRefinements(place), problem: problem)
    if let watch = file.drift, let last = readings.last, last.discrepancy > watch.threshold * last.start {
      response.drifted = true
      response.advice = last.group.flatMap(refinement)
    }
    return response
  }

  /// The newest reading of the bench of a file.
  package func latest(on file: BenchFile) -> DriftReading? {
    guard let bench = try? BenchIdentity(file).description else { return nil }
    return readings(Place(bench: bench, known: [])).last.map { DriftReading($0.line, $0.reading) }
  }

  /// One for each job, as far as it has come.
  private func latestRefinements(_ place: Place) -> [DriftRefinement] {
    var latest: [DriftRefinement] = []
    for (line, refinement) in refinements(place) {
      if latest.last?.run == refinement.run { latest.removeLast() }
      latest.append(DriftRefinement(line.date, refinement))
    }
    return latest
  }
}

extension DriftReading {
  fileprivate init(_ line: DriftRecord, _ reading: DriftRecord.Reading) {
    self.init(
      date: line.date, calibrations: line.calibrations, discrepancy: reading.discrepancy,
      noiseFloor: reading.noiseFloor, start: reading.start, frames: reading.frames, benchTime: reading.benchTime,
      group: reading.group, expected: reading.expected)
  }
}

extension DriftRefinement {
  fileprivate init(_ date: Date, _ refinement: DriftRecord.Refinement) {
    self.init(
      date: date, run: refinement.run, group: refinement.group, state: refinement.state.flatMap(JobState.init),
      before: refinement.before, after: refinement.after, reason: refinement.reason)
  }
}
