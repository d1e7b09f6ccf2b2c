import BenchAPI
import BenchFile
import Calibration
import Concurrency
import Devices
import Foundation
import Lending
import Logging
import Records
import ServiceCore
import Twin

/// The calibrations in the state folder, and which of them are in force.
public struct CalibrationStore: Sendable {
  private let shelf: CalibrationShelf
  private let index: RecordIndex
  private let clock: ServiceClock
  /// The last one that was made, and what of.
  private let inverse = Locked<(origin: [String], value: PhaseInverse?)?>(nil)

  let logger: Logger

  /// - Parameter folder: `<state>/calibrations`.
  package init(folder: String, numbers: NumberCounter, index: RecordIndex, clock: ServiceClock, logger: Logger) {
    shelf = CalibrationShelf(folder: folder, numbers: numbers)
    self.index = index
    self.logger = logger
    self.clock = clock
  }

  /// The bench of a file as it is known.
  ///
  /// - Parameter serials: those of its devices by their role; nil while none is open.
  /// - Throws: `RecordsError` when what is in force cannot be read.
  package func bench(of file: BenchFile, serials: [String: String]? = nil) throws -> CalibratedBench {
    try CalibratedBench(StatedBench(file), products: usable(on: file, serials: serials).map { try product($0) })
  }

  /// Chooses the commands of layers that are phases; nil while no response is in force.
  package func inverse(on equipment: BenchEquipment) async throws -> PhaseInverse? {
    let serials = await equipment.serials
    let file = equipment.file
    let identity = try BenchIdentity(file, serials: serials)
    // Most benches have none, and need not be read for each measurement.
    guard try !shelf.inForce(on: identity, kinds: [ProductKind.response.rawValue]).isEmpty else { return nil }
    let known = try usable(on: file, serials: serials)
    let origin = [file.text] + known.map(\.id)
    if let kept = inverse.withLock({ $0 }), kept.origin == origin { return kept.value }
    let bench = try CalibratedBench(StatedBench(file), products: known.map { try product($0) })
    let made = bench.inverse(for: bench.meaning)
    inverse.withLock { $0 = (origin, made) }
    return made
  }

  /// What is in force on the bench of a file and was found with its devices as they are set now.
  func usable(on file: BenchFile, serials: [String: String]?) throws -> [CalibrationRecord] {
    let setup = try Self.setup(of: file)
    return try inForce(on: BenchIdentity(file, serials: serials)).filter { Self.isFor(setup, $0) }
  }

  /// What the file says of devices and layout, as a hash; nil for a bench that is only computed.
  package static func setup(of file: BenchFile) throws -> String? { try file.devices.map { try BenchHash.of($0) } }

  /// Whether a calibration is of devices that were set as they are now. What is found of light and panels does not depend on that; what
  /// camera, timing and registration say does.
  private static func isFor(_ setup: String?, _ record: CalibrationRecord) -> Bool {
    guard measuring.contains(record.kind ?? CalibrationRecord.twinKind), let own = record.setup else { return true }
    return own == setup
  }

  /// The kinds that change how a bench measures.
  static let measuring = Set([ProductKind.camera, .timing, .registration].map(\.rawValue))

  /// Has a bench measure as is known of it: by the calibrations in force of its own file and devices.
  package func prepare(_ equipment: BenchEquipment) async {
    do {
      // The others say nothing of how the bench measures, and may be large.
      let identity = try BenchIdentity(equipment.file, serials: await equipment.serials)
      let setup = try Self.setup(of: equipment.file)
      let records = try shelf.inForce(on: identity, kinds: Self.measuring.sorted()).filter { Self.isFor(setup, $0) }
        .sorted { RunningNumber.of($0.id) ?? 0 < RunningNumber.of($1.id) ?? 0 }
      let bench = try CalibratedBench(StatedBench(equipment.file), products: records.map { try product($0) })
      if let known = bench.operation { try await equipment.unit.adopt(known) }
    } catch {
      logger.warning("the bench measures as its file says: \(error)")
      if let layout = equipment.file.devices?.layout { try? await equipment.unit.adopt(BenchKnowledge(layout)) }
    }
  }

  /// The calibrations in force, one of a kind at most, the oldest first.
  package func inForce(on bench: BenchIdentity) throws -> [CalibrationRecord] {
    try shelf.inForce(on: bench, kinds: ProductKind.allCases.map(\.rawValue))
      .sorted { RunningNumber.of($0.id) ?? 0 < RunningNumber.of($1.id) ?? 0 }
  }

  /// The name of the newest calibration in force.
  package func latest(on file: BenchFile, serials: [String: String]? = nil) throws -> String? {
    try inForce(on: BenchIdentity(file, serials: serials)).last?.id
  }

  /// Keeps what a run found that has not ended.
  ///
  /// - Parameter setup: that of the file, as ``setup(of:)`` has it.
  package func prepare(_ products: [Product], on bench: BenchIdentity, setup: String? = nil, run: String) throws {
    let date = clock.date()
    for (part, product) in products.enumerated() {
      var record = CalibrationRecord(product, on: bench, date: date, run: run, hash: try Self.hash(product))
      record.setup = setup
      try shelf.prepare(record, content: StoredProduct(product), part: part)
    }
  }

  /// Puts a calibration of another state folder on the shelf and in force.
  ///
  /// - Returns: its name here.
  func keep(_ calibration: ExportedCalibration, on bench: BenchIdentity, hash: String) throws -> String {
    let product = calibration.product
    var record = CalibrationRecord(product, on: bench, date: calibration.date, run: Self.elsewhere, hash: hash)
    (record.id, record.setup) = (try shelf.nextIdentifier(), calibration.setup)
    try shelf.save(record, content: StoredProduct(product))
    index.update { try $0.insert(record) }
    return record.id
  }

  /// In place of the run of a calibration that none of this state folder has found.
  private static let elsewhere = "imported"

  /// The name of a product by its content.
  package static func hash(_ product: Product) throws -> String { try BenchHash.of(product) }

  /// Whether a run has prepared a calibration, of this bench when one is given.
  package func isPrepared(by run: String, on bench: BenchIdentity? = nil) -> Bool {
    guard let record = shelf.prepared(by: run) else { return false }
    return bench.map { $0.slot(record.kind ?? CalibrationRecord.twinKind) == record.slot } ?? true
  }

  /// Puts what a run that has succeeded found in force.
  package func publish(run: String) {
    do {
      for record in try shelf.publish(run: run) { index.update { try $0.insert(record) } }
    } catch {
      logger.error("the calibration of run \(run) is not in force: \(error)")
    }
  }

  package func discard(run: String) { shelf.discard(run: run) }

  /// Puts what earlier daemons prepared in force when its job has succeeded, and forgets it when it will not any more. Says what
  /// is wrong with those in force.
  package func settle(state: (String) -> JobState?) {
    for run in shelf.preparedRuns {
      switch state(run) {
      case .succeeded: publish(run: run)
      case .queued, .running, .paused: break
      case .failed, .cancelled, nil: discard(run: run)
      }
    }
    for problem in shelf.problemsInForce { logger.warning("\(problem)") }
  }

  /// Puts an earlier calibration in force again, and takes out of force what would outweigh it or builds on what it replaces.
  package func restore(_ id: String, on bench: BenchIdentity) throws {
    for retired in try shelf.restore(id, on: bench) {
      logger.notice("calibration \(retired.id) is no longer in force: \(id) was restored")
    }
    index.fill(contents)
  }

  /// What is on the shelf.
  var contents: CalibrationShelf.Contents { shelf.contents() }

  /// All calibrations, newest first.
  ///
  /// - Parameter setup: that of the bench's file, as ``setup(of:)`` has it.
  package func summaries(on bench: BenchIdentity, setup: String? = nil) -> [CalibrationSummary] {
    let present = (try? inForce(on: bench)) ?? []
    let (names, hashes) = (Set(present.map(\.id)), Set(present.compactMap(\.contentHash)))
    let now = clock.date()
    return contents.records.map { record in
      CalibrationSummary(
        record, isInForce: names.contains(record.id), at: now,
        staleness: CalibrationStaleness(
          of: record, on: bench, parents: hashes, isOfSetup: setup == nil || Self.isFor(setup, record), at: now))
    }
  }

  /// Why it cannot be said which calibration is in force; nil when all is well.
  package func problem(on bench: BenchIdentity) -> String? {
    do {
      _ = try inForce(on: bench)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Seconds that a run took; nil when that is not known any more.
  func duration(of run: String) -> Double? {
    guard let job = try? index.ask({ try $0.job(run)?.shown() }), let began = job.started, let ended = job.ended else {
      return nil
    }
    return ended.timeIntervalSince(began)
  }

  func product(_ record: CalibrationRecord) throws -> Product {
    switch try shelf.content(of: record.id, as: StoredProduct.self) {
    case .product(let product): return product
    case .parameters(let parameters): return Product(earlier: record, parameters)
    }
  }
}

/// What stands in a calibration's file: a product, or the parameters alone that version 0.1 wrote.
private enum StoredProduct: Codable {
  case product(Product)
  case parameters(TwinParameters)

  init(_ product: Product) { self = .product(product) }

  private enum CodingKeys: String, CodingKey { case provenance }

  init(from decoder: any Swift.Decoder) throws {
    let isProduct = try decoder.container(keyedBy: CodingKeys.self).contains(.provenance)
    self = isProduct ? .product(try Product(from: decoder)) : .parameters(try TwinParameters(from: decoder))
  }

  func encode(to encoder: any Swift.Encoder) throws {
    switch self {
    case .product(let product): try product.encode(to: encoder)
    case .parameters(let parameters): try parameters.encode(to: encoder)
    }
  }
}

extension Product {
  /// A calibration of version 0.1, which kept no more of what is sure than standard deviations.
  fileprivate init(earlier record: CalibrationRecord, _ parameters: TwinParameters) {
    let count = record.parameters.count
    var covariance = [Double](repeating: 0, count: count * count)
    for (index, estimate) in record.parameters.enumerated() {
      covariance[index * (count + 1)] = estimate.standardDeviation * estimate.standardDeviation
    }
    self.init(
      content: .twin(parameters), posterior: Posterior(names: record.parameters.map(\.name), covariance: covariance),
      report: RoutineReport(estimates: record.parameters, noiseRatio: record.noiseRatio, frames: 0, fitted: 0),
      provenance: Provenance(routine: JointFitRoutine.name, software: record.software))
  }
}

extension CalibrationRecord {
  fileprivate init(_ product: Product, on bench: BenchIdentity, date: Date, run: String, hash: String) {
    let (report, provenance) = (product.report, product.provenance)
    self.init(
      id: "", date: date, benchHash: bench.description, parameters: report.estimates,
      discrepancyBefore: report.before?.pearson, discrepancyAfter: report.after?.pearson,
      verdict: report.verdict?.modelClass.rawValue, noiseRatio: report.noiseRatio, weaknesses: report.weaknesses,
      run: run, software: provenance.software)
    serials = bench.serials.flatMap { $0.isEmpty ? nil : $0 }
    (kind, contentHash, parents) = (product.kind.rawValue, hash, provenance.parents)
    (routine, seed, revision) = (provenance.routine, provenance.seed, provenance.revision)
  }
}

extension CalibrationSummary {
  fileprivate init(
    _ record: CalibrationRecord, isInForce: Bool, at date: Date, staleness: CalibrationStaleness?
  ) {
    self.init(
      id: record.id, date: record.date, age: max(0, date.timeIntervalSince(record.date)), inForce: isInForce,
      reason: staleness?.description, cause: staleness?.code, kind: record.kind ?? CalibrationRecord.twinKind,
      run: record.run, discrepancyBefore: record.discrepancyBefore, discrepancyAfter: record.discrepancyAfter,
      verdict: record.verdict, noiseRatio: record.noiseRatio, weaknesses: record.weaknesses,
      parameters: record.parameters)
    (routine, seed, contentHash, parents) = (record.routine, record.seed, record.contentHash, record.parents)
    serials = record.serials
  }
}

extension StatedBench {
  package init(_ file: BenchFile) {
    self.init(
      description: file.twin, parameters: file.parameters, considered: file.considered, roughness: file.roughness,
      layout: file.devices?.layout)
  }
}

extension BenchIdentity {
  /// - Parameter serials: those of the devices by their role; nil while none is open.
  package init(_ file: BenchFile, serials: [String: String]? = nil) throws {
    try self.init(describing: file.twin, serials: serials)
  }
}
