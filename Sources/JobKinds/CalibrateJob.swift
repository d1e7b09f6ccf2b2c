import BenchAPI
import Calibration
import Catalogues
import Devices
import Files
import Foundation
import Jobs
import Lending
import MeasurementFiles
import Measuring
import Records
import ServiceCore
import Twin

/// The artefact that holds the result.
private let artefact = "calibration.json"

/// Runs routines on the bench and puts what they find in force when all of it is accepted.
public struct CalibrateJob: JobRoutine {
  public typealias Parameters = CalibrateRequest
  public static let kind = "calibrate"

  public static func refinement(of group: String, seed: UInt64) -> JobRequest? {
    try? JobRequest(
      kind: kind, encoding: CalibrateRequest(routines: [RefinementRoutine.name], seed: seed, free: [group]))
  }

  private let routines: [any CalibrationRoutine]
  private let isUsual: Bool
  private let seed: UInt64
  /// What is free instead of what the bench file frees; nil for the latter.
  private let free: Set<TwinParameter.Group>?

  /// - Parameter catalogue: where the names of routines are looked up.
  public init(
    _ parameters: CalibrateRequest,
    routines catalogue: Catalogue<any CalibrationRoutine.Type> = RoutineCatalogue.standard
  ) throws {
    let stated = parameters.routines ?? []
    let (seed, names) = (parameters.seed ?? JobDefaults.seed, stated.isEmpty ? RoutineCatalogue.usual : stated)
    guard Set(names).count == names.count else {
      throw ServiceError(.parameterInvalid, "routines: each can run once")
    }
    routines = try names.map { try catalogue.member(named: $0).init(seed: seed) }
    isUsual = names == RoutineCatalogue.usual
    self.seed = seed
    // The declaration has no other names.
    let groups = (parameters.free ?? []).compactMap(TwinParameter.Group.init)
    free = groups.isEmpty ? nil : Set(groups)
  }

  /// What routines are given besides, as a product keeps it.
  private var settings: [String: String] {
    guard let free else { return [:] }
    return ["free": free.map(\.rawValue).sorted().joined(separator: ", ")]
  }

  public func run(in context: any JobHost) async throws -> CalibrateResult {
    let equipment = try context.bench
    let (identity, unit) = (try BenchIdentity(context.file, serials: await equipment.serials), equipment.unit)
    guard let calibrations = context.calibrations else { throw JobHostError.noCalibrations }
    if let done = context.preparedCalibration(in: calibrations, of: identity) { return done }
    var bench = try await context.startingBench()
    if let free { bench = try bench.freeing(free) }
    let twin = try Twin<Double>(bench.description, parameters: bench.parameters, threads: context.threads)
    context.log("the twin computes by \(twin.engineName) on \(twin.threads) threads")
    if let warning = twin.sampling.warning { context.log(warning) }
    var acquisition = Acquisition(
      on: context.withoutRepeating(unit), raw: context.withoutRepeating(equipment.rawBench))
    var (products, outcomes) = ([Product](), [RoutineOutcome]())
    for routine in routines {
      let outcome = try await context.outcome(of: routine, on: bench, &acquisition, isAlone: routines.count == 1)
      outcomes.append(outcome)
      // One that is not accepted is worth a look, too.
      try CalibrationReport(of: context.id, seed: seed, outcomes).write(by: context)
      _ = try outcome.accepted()
      let product = try outcome.product(
        on: bench, buildingOn: type(of: routine).parents, seed: seed, settings: settings)
      bench = try bench.adding(product)
      // The next routine measures with what this one found.
      if let known = bench.operation { try await unit.adopt(known) }
      products.append(product)
    }
    try context.checkCancellation()
    let result = CalibrateResult(
      outcomes.map { CalibrateResult($0.report) }, of: routines.map { type(of: $0).name }, isUsual: isUsual)
    // The result comes last: a job that finds it again has prepared all of its products.
    try calibrations.prepare(
      products, on: identity, setup: try CalibrationStore.setup(of: context.file), run: context.id)
    try context.write([UInt8](APICoding.encode(result)), as: artefact)
    return result
  }
}

extension JobHost {
  /// What this job found before its daemon ended, when nothing was left to do but to put it in force.
  fileprivate func preparedCalibration(
    in calibrations: CalibrationStore, of bench: BenchIdentity
  ) -> CalibrateResult? {
    let path = directory.appendingPathComponent(artefact).path
    guard calibrations.isPrepared(by: id, on: bench), let bytes = try? AtomicFile.read(path),
      let result = try? APICoding.decode(CalibrateResult.self, from: Data(bytes)),
      (try? publish(artefact)) != nil
    else { return nil }
    for name in [CalibrationReport.page, CalibrationReport.data]
    where AtomicFile.exists(directory.appendingPathComponent(name).path) {
      try? publish(name)
    }
    log("the bench was calibrated before odud ended")
    return result
  }

  /// Where a calibration begins: a new one may take the place of one that cannot be read any more.
  fileprivate func startingBench() async throws -> CalibratedBench {
    do {
      return try await calibratedBench()
    } catch {
      log("the calibration begins at the values of the bench file: \(error)")
      return try CalibratedBench(StatedBench(file))
    }
  }

  /// The bench, of which what this job measured before its daemon ended is not measured again. A bench that starts over with its
  /// daemon is measured again from there, so that equal seeds give equal results. What another bench file described is no frame of
  /// this bench.
  fileprivate func withoutRepeating(_ unit: any OpticalUnit) -> any OpticalUnit {
    guard equipment?.startsOver != true, let measured = try? MeasuredFrames(reading: directory.path),
      measured.bench == file.text
    else { return unit }
    log("\(measured.frames.count) frames that were measured before odud ended are used")
    return RecordedUnit(measured, else: unit)
  }

  /// The same for raw steps.
  fileprivate func withoutRepeating(_ raw: (any RawBench)?) -> (any RawBench)? {
    guard let raw, equipment?.startsOver != true, let taken = try? RecordedSteps(reading: directory.path),
      taken.bench == file.text, !taken.entries.isEmpty
    else { return raw }
    log("\(taken.entries.count) raw steps that were taken before odud ended are used")
    return RecordedInstrument(taken, else: raw)
  }

  /// Runs a routine, says how far it is, and what it found.
  fileprivate func outcome(
    of routine: any CalibrationRoutine, on bench: CalibratedBench, _ acquisition: inout Acquisition, isAlone: Bool
  ) async throws -> RoutineOutcome {
    let prefix = isAlone ? "" : type(of: routine).name + ": "
    let work = RoutineWork(threads: threads) { phase, done, count in
      progress(prefix + phase.rawValue, done, of: count, pace: phase.pace)
    }
    let outcome = try await routine.run(on: bench, &acquisition, work)
    if let verdict = outcome.report.verdict { log(verdict.words) }
    return outcome
  }
}

extension RoutineOutcome {
  fileprivate func product(
    on bench: CalibratedBench, buildingOn kinds: [ProductKind], seed: UInt64, settings: [String: String]
  ) throws -> Product {
    let parents = try bench.products.filter { kinds.contains($0.kind) }.map { try CalibrationStore.hash($0) }
    return Product(
      content: content, posterior: posterior, report: report,
      provenance: Provenance(
        routine: routine, seed: seed, parents: parents, settings: settings, software: SoftwareVersion.current,
        revision: SoftwareRevision.current))
  }
}

extension CalibrateResult {
  fileprivate init(_ report: RoutineReport) {
    self.init(
      parameters: report.estimates, before: report.before, after: report.after, frames: report.frames,
      fitted: report.fitted, heldOut: report.heldOut, iterations: report.iterations,
      verdict: report.verdict.map { Verdict(modelClass: $0.modelClass.rawValue, words: $0.words) },
      noiseRatio: report.noiseRatio, weaknesses: report.weaknesses, untouched: report.untouched, meaning: report.meaning
    )
  }

  /// The last result with those before it.
  fileprivate init(_ results: [CalibrateResult], of routines: [String], isUsual: Bool) {
    var named = zip(results, routines).map { result, name in
      var result = result
      if !isUsual { result.routine = name }
      return result
    }
    self = named.removeLast()
    if !named.isEmpty { earlier = named }
  }
}

extension RoutineWork.Phase {
  /// A fit knows how much of its work is done; the trials of an examination end when one of them explains the frames.
  fileprivate var pace: ProgressPace {
    switch self {
    case .acquire: .steps
    case .fit: .work
    case .examine: .uneven
    }
  }
}
