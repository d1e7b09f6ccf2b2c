import BenchFile
import Calibration
import Concurrency
import Lending
import Logging
import Records
import ServiceCore
import ServiceLifecycle

/// Watches how far the bench drifts away from its twin, as its file asks: between jobs it shows a few patterns, keeps what came of them
/// in a ledger, and says or does what the policy wants when that is too much.
///
/// It never holds anyone up: a probe begins when no one has or awaits the bench, and ends with the frame at hand when someone does.
package actor DriftKeeper: Service {
  private let lease: BenchLease
  private let live: LiveView
  private let queue: JobQueue
  private let calibrations: CalibrationStore
  private let ledger: DriftLedger
  private let clock: ServiceClock
  private let threads: Int
  private let logger: Logger
  /// Why the last probe came to nothing; nil when it did not.
  package private(set) var problem: String?
  /// When to try again after that, in seconds of the clock.
  private var pause = 0.0

  package init(
    lease: BenchLease, live: LiveView, queue: JobQueue, calibrations: CalibrationStore, ledger: DriftLedger,
    threads: Int, clock: ServiceClock, logger: Logger
  ) {
    (self.lease, self.live, self.queue, self.calibrations) = (lease, live, queue, calibrations)
    (self.ledger, self.clock, self.threads, self.logger) = (ledger, clock, threads, logger)
    problem = ledger.damage
    if let damage = ledger.damage { logger.warning("\(damage)") }
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        await tend()
        do { try await clock.sleep(Self.step) } catch { return }
      }
    }
  }

  /// Seconds between two looks at whether a probe is due.
  package static let step = 5.0

  /// Probes when that is due and no one wants the bench.
  package func tend() async {
    guard let equipment = await lease.equipment, let watch = equipment.file.drift, clock.uptime() >= pause,
      await isIdle
    else { return }
    let file = equipment.file
    do {
      let serials = await equipment.serials
      let known = try calibrations.usable(on: file, serials: serials)
      let place = DriftLedger.Place(bench: try BenchIdentity(file, serials: serials).description, known: known)
      try await settle(place)
      guard known.contains(where: { Self.aiming.contains($0.kind ?? CalibrationRecord.twinKind) }),
        ledger.isDue(at: clock.date(), every: watch.every, place)
      else { return }
      try await probe(try calibrations.bench(of: file, serials: serials), watch, place)
    } catch is CancellationError {
    } catch {
      if problem != "\(error)" { logger.warning("the drift of the bench is not known: \(error)") }
      problem = "\(error)"
      pause = clock.uptime() + watch.every
    }
  }

  /// Kinds of calibrations without any of which the twin knows no angles.
  private static let aiming = Set([ProductKind.twin, .alignment, .source].map(\.rawValue))

  private var isIdle: Bool {
    get async {
      guard await queue.running == nil, await queue.queued == 0 else { return false }
      return await lease.holder == nil
    }
  }

  // MARK: - Probes

  private func probe(_ bench: CalibratedBench, _ watch: DriftWatch, _ place: DriftLedger.Place) async throws {
    let frames = try await lease.glance(for: "the drift probe", measures: true) { [live, lease] equipment in
      try await equipment.leftAsFound(live) {
        try await DriftProbe().frames(
          of: YieldingUnit(unit: equipment.unit, lease: lease), on: bench, clock: equipment.clock)
      }
    }
    // Another client has come first.
    guard let frames else { return }
    let reading = try await computing { [threads] in try ProbeReading(frames, of: bench, threads: threads) }
    let start = ledger.start(of: reading, place)
    var line = DriftRecord.Reading(
      discrepancy: reading.discrepancy, noiseFloor: reading.noiseFloor, start: start, frames: frames.taken,
      benchTime: frames.benchTime)
    let hasDrifted = reading.discrepancy > watch.threshold * start
    if hasDrifted, watch.policy != .never {
      let found = try await computing { [threads] in
        try DriftExplanation(frames, of: bench, start: start, threads: threads)
      }
      (line.group, line.expected) = (found?.group.rawValue, found?.expected)
    }
    let hadDrifted = ledger.hasDrifted(beyond: watch.threshold, place)
    try ledger.keep(line, at: clock.date(), place)
    problem = nil
    if hasDrifted, !hadDrifted { logger.notice("\(line.words)") }
    if hasDrifted, watch.policy == .automatic { try await refine(line, watch, place) }
  }

  // MARK: - Refinements

  /// Has the group that has drifted calibrated again, unless that came to nothing a short while ago.
  private func refine(_ line: DriftRecord.Reading, _ watch: DriftWatch, _ place: DriftLedger.Place) async throws {
    guard let group = line.group, ledger.mayRefine(at: clock.date(), every: watch.every, place),
      let request = queue.catalogue.refinement(of: group, seed: UInt64(ledger.count))
    else { return }
    let job = try await queue.submit(request)
    logger.notice("job \(job.id) finds \(group) again")
    try ledger.keep(DriftRecord.Refinement(run: job.id, group: group), at: clock.date(), place)
  }

  /// Writes how a refinement has ended.
  private func settle(_ place: DriftLedger.Place) async throws {
    guard var line = ledger.pending(place) else { return }
    let summary = try? await queue.summary(line.run)
    guard summary?.state.isTerminal ?? true else { return }
    line.state = summary?.state.rawValue ?? "failed"
    if let made = place.known.first(where: { $0.run == line.run }) {
      (line.before, line.after) = (made.discrepancyBefore, made.discrepancyAfter)
    } else {
      line.reason = summary.map(\.message) ?? "nothing is known of the job any more"
    }
    try ledger.keep(line, at: clock.date(), place)
  }
}

extension DriftRecord.Reading {
  fileprivate var words: String {
    let found = "the bench has drifted: the discrepancy is \(discrepancy), after \(start) at the start"
    return group.map { found + "; finding \($0) again would help" } ?? found
  }
}
