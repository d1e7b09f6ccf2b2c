import BenchAPI
import BenchFile
import Concurrency
import Foundation
import ServiceCore

/// Who has the bench: one job or one client at a time, and nobody while its devices are missing.
///
/// A lease has a deadline. A job's is renewed by everything that the job reports; a client's ends with its connection or at
/// the time that it asked for.
package actor BenchLease {
  /// Somebody who has the bench.
  private struct Holder {
    var name: String
    /// Lets the requests of a client through that holds the bench for several of them.
    var token: String?
    /// How long it may do nothing, and when that ends, in seconds of the clock.
    var patience: Double
    var deadline: Double
    /// Whether it is done in a moment, so that others should wait rather than be refused.
    var isBrief: Bool
    /// Takes the bench away.
    var expire: @Sendable () -> Void
  }

  private let clock: ServiceClock
  /// Makes the bench ready for whoever gets it.
  private let prepare: @Sendable (BenchEquipment) async -> Void
  private let changes = ChangeSignal()
  private var holding: Holder?
  /// Whether a request of the client that holds the bench is under way.
  private var isUsedByToken = false
  /// How many wait for the bench.
  private var waiting = 0
  /// Whether nobody is to begin anything any more.
  private var isClosed = false
  package private(set) var equipment: BenchEquipment?
  /// Why there is no bench.
  package private(set) var absence = ServiceError(.benchOpening, BenchLease.opening)
  /// The bench file, when it describes no devices: then there is nothing to wait for.
  private var described: BenchFile?

  /// An absence that lasts a moment and need not be reported.
  package static let opening = "the bench is being opened"
  /// Seconds for which a request waits for the bench to be opened.
  private static let openingPatience = 20.0

  /// - Parameter prepare: is called with the bench before somebody has it who may measure.
  package init(clock: ServiceClock, prepare: @escaping @Sendable (BenchEquipment) async -> Void = { _ in }) {
    self.clock = clock
    self.prepare = prepare
  }

  /// The holder's name; nil when the bench is free.
  package var holder: String? { holding?.name }

  // MARK: Coming and going

  /// The bench is there.
  func offer(_ equipment: BenchEquipment) {
    self.equipment = equipment
    described = nil
    changes.raise()
  }

  /// The bench is not there, for a reason that clients receive.
  package func withdraw(_ reason: ServiceError) {
    equipment = nil
    described = nil
    absence = reason
    changes.raise()
  }

  /// The file describes no devices, and so no bench will come.
  func offer(description file: BenchFile, _ reason: ServiceError) {
    withdraw(reason)
    described = file
  }

  /// Takes the bench from whoever has it, and lets no request have it any more.
  package func close() {
    isClosed = true
    holding?.expire()
    changes.raise()
  }

  /// Whether it is about to be known whether there is a bench.
  private var isOpening: Bool { equipment == nil && absence.cause == .benchOpening && !isClosed }

  /// The bench; nil when it is not there. A bench that is being opened is waited for.
  ///
  /// - Throws: ``ServiceError/opening`` when that takes long.
  package func present() async throws -> BenchEquipment? {
    try await awaitOpening()
    return equipment
  }

  /// - Throws: ``ServiceError/opening`` when it takes long.
  private func awaitOpening() async throws {
    guard isOpening else { return }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await self.opened() }
      tasks.addTask { [clock] in
        try await clock.sleep(Self.openingPatience)
        throw ServiceError.opening
      }
      defer { tasks.cancelAll() }
      try await tasks.next()
    }
  }

  private func opened() async throws {
    while isOpening { try await changes.wait(after: changes.count) }
  }

  // MARK: Using it

  /// Lets a request use the bench, and refuses when it is not free.
  ///
  /// - Parameter token: that of the lease which the request belongs to.
  package func use<Value: Sendable>(
    for name: String, token: String? = nil, _ body: @escaping @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    if let token { return try await useLeased(token, body) }
    try await awaitOpening()
    try requireOpen()
    while let other = holding {
      guard other.isBrief else {
        throw ServiceError(.benchInUse, "\(other.name) uses the bench; try again when it is done, or cancel it")
      }
      try await awaitChange()
      try requireOpen()
    }
    guard let equipment else { throw absence }
    // The task waits for nobody, so that it has to prepare the bench itself before it measures.
    let work = Task { [prepare] in
      await prepare(equipment)
      try Task.checkCancellation()
      return try await body(equipment)
    }
    var holder = holder(name, patience: .infinity)
    holder.expire = { work.cancel() }
    return try await hold(equipment, as: holder, isPrepared: true) { _ in try await finished(work) }
  }

  /// Lets a glance use the bench when it is free; nil when it is not.
  ///
  /// - Parameter measures: whether the bench is made ready for that. A glance that takes more than a moment ends when
  ///   ``isAwaited``.
  package func glance<Value: Sendable>(
    for name: String, measures: Bool = false, _ body: @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value? {
    guard holding == nil, !isAwaited, let equipment else { return nil }
    var holder = holder(name, patience: .infinity)
    holder.isBrief = true
    return try await hold(equipment, as: holder, isPrepared: !measures, body)
  }

  /// Whether someone waits for the bench, or no one is to use it any more.
  package var isAwaited: Bool { waiting > 0 || isClosed }

  private func awaitChange() async throws {
    waiting += 1
    defer { waiting -= 1 }
    try await changes.wait(after: changes.count)
  }

  /// What somebody waits for.
  package enum Wait: Sendable, Equatable {
    /// The bench is not there, and why.
    case absent(ServiceError)
    /// Another client has it.
    case taken(String)
  }

  /// The file of the bench, as soon as the bench is there, whoever has it, or is known to have no devices.
  ///
  /// - Parameter waits: receives why that takes time, and nil when it is over.
  /// - Throws: `CancellationError` while it waits.
  package func file(waits: @Sendable (Wait?) -> Void) async throws -> (file: BenchFile, hasDevices: Bool) {
    try await wait(waits) { equipment != nil || described != nil }
    if let described { return (described, false) }
    guard let equipment else { throw absence }
    return (equipment.file, true)
  }

  /// - Throws: ``Cause/benchNoDevices`` when the bench file describes no devices.
  package func requireDevices() throws {
    if described != nil { throw absence }
  }

  private func wait(_ waits: @Sendable (Wait?) -> Void, until isOver: () -> Bool) async throws {
    var told: Wait?
    while !isOver() {
      let reason = presentWait
      if let reason, reason != told { waits(reason) }
      told = reason ?? told
      try await awaitChange()
    }
    if told != nil { waits(nil) }
  }

  /// Nil for what lasts a moment.
  private var presentWait: Wait? {
    if equipment == nil { return absence.cause == .benchOpening ? nil : .absent(absence) }
    return holding.flatMap { $0.isBrief ? nil : .taken($0.name) }
  }

  /// Lets somebody use the bench as soon as it is there and free.
  ///
  /// - Parameters:
  ///   - patience: seconds without any ``renew()`` after which the lease expires.
  ///   - waits: receives what it has to wait for, and nil when that is over.
  ///   - expire: is called when the lease expires, and must bring `body` to an end.
  /// - Throws: `CancellationError` while it waits, and what `body` throws.
  package func useWhenFree<Value: Sendable>(
    for name: String, token: String? = nil, patience: Double = .infinity,
    waits: @Sendable (Wait?) -> Void = { _ in }, expire: @escaping @Sendable () -> Void = {},
    _ body: @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    while holding != nil || equipment == nil {
      try requireDevices()
      try await wait(waits) { described != nil || holding == nil && equipment != nil }
    }
    guard let equipment else { throw absence }
    var holder = holder(name, patience: patience)
    (holder.token, holder.expire) = (token, expire)
    return try await hold(equipment, as: holder, body)
  }

  /// The holder has made progress.
  package func renew() {
    if let holding { self.holding?.deadline = clock.uptime() + holding.patience }
  }

  /// Takes the bench from a holder whose time is over.
  package func expire() {
    guard let holding, clock.uptime() > holding.deadline else { return }
    self.holding?.deadline = .infinity
    holding.expire()
  }

  private func holder(_ name: String, patience: Double) -> Holder {
    Holder(
      name: name, patience: patience, deadline: clock.uptime() + patience, isBrief: false, expire: {})
  }

  /// Lets no further request of the lease in, and returns when the last one is done.
  package func retire() async {
    holding?.token = nil
    while isUsedByToken {
      let seen = changes.count
      // Whoever holds the bench may have been cancelled, and still has to wait for that.
      try? await Task { try await changes.wait(after: seen) }.value
    }
  }

  private func requireOpen() throws {
    if isClosed { throw ServiceError.stopping }
  }

  private func useLeased<Value: Sendable>(
    _ token: String, _ body: @escaping @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    try requireOpen()
    guard let holding, holding.token == token else {
      throw ServiceError(.leaseEnded, "that lease has ended; take a new one")
    }
    guard !isUsedByToken else { throw ServiceError(.leaseInUse, "another request of the same lease is under way") }
    guard let equipment else { throw absence }
    isUsedByToken = true
    defer {
      isUsedByToken = false
      changes.raise()
    }
    return try await body(equipment)
  }

  /// The outcome of a task, which is cancelled with the one that waits for it.
  private nonisolated func finished<Value: Sendable>(_ work: Task<Value, any Error>) async throws -> Value {
    try await withTaskCancellationHandler {
      try await work.value
    } onCancel: {
      work.cancel()
    }
  }

  private func hold<Value: Sendable>(
    _ equipment: BenchEquipment, as holder: Holder, isPrepared: Bool = false,
    _ body: @Sendable (BenchEquipment) async throws -> Value
  ) async throws -> Value {
    holding = holder
    if !isPrepared { await prepare(equipment) }
    let outcome: Result<Value, any Error>
    do { outcome = .success(try await body(equipment)) } catch { outcome = .failure(error) }
    await retire()
    holding = nil
    changes.raise()
    return try outcome.get()
  }
}
