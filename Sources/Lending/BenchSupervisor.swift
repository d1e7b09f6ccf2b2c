import BenchAPI
import BenchFile
import Concurrency
import Devices
import Foundation
import Logging
import ServiceCore
import ServiceLifecycle

/// Opens the bench, tries again while a device is missing, and reopens it when its file is read again.
package actor BenchSupervisor: Service {
  private enum Stage {
    case opening
    case ready
    /// Without the bench, and why.
    case degraded(ServiceError)
    case stopped
  }

  private let source: BenchSource
  private let lease: BenchLease
  private let live: LiveView
  private let service: ServiceClock
  private let logger: Logger
  private let wishes = ChangeSignal()
  private var stage = Stage.opening
  private var wanted: BenchFile?
  package private(set) var file: BenchFile
  package private(set) var loaded: Date
  /// Why the file that was read last is not in force.
  package private(set) var problem: String?

  /// - Parameter file: what the source has loaded.
  package init(
    source: BenchSource, file: BenchFile, lease: BenchLease, live: LiveView, clock: ServiceClock, logger: Logger
  ) {
    self.source = source
    self.lease = lease
    self.live = live
    self.service = clock
    self.logger = logger
    self.file = file
    loaded = clock.date()
  }

  /// The serial numbers of the bench's devices by their role; nil while it is not open.
  package var serials: [String: String]? { get async { await lease.equipment?.serials } }

  /// What the service says of itself.
  package var state: StatusResponse.State {
    switch stage {
    case .opening: .opening
    case .degraded: .degraded
    case .ready: .ready
    case .stopped: .stopping
    }
  }

  /// Why there is no bench; nil when there is one.
  package var absence: ServiceError? {
    switch stage {
    case .opening: ServiceError(.benchOpening, BenchLease.opening)
    case .degraded(let reason): reason
    case .ready, .stopped: nil
    }
  }

  /// Whether the bench was opened, or is known not to be there.
  var isSettled: Bool { if case .opening = stage { false } else { true } }

  /// Suspends until ``isSettled``.
  package func settle() async throws {
    while !isSettled { try await wishes.wait(after: wishes.count) }
  }

  /// What `GET /v1/configuration` answers.
  package var configuration: ConfigurationResponse {
    ConfigurationResponse(path: file.path, text: file.text, loaded: loaded, problem: problem)
  }

  /// Reads the bench file again. The bench is reopened as soon as nobody uses it; when the file is wrong, everything
  /// stays as it is and ``problem`` says why.
  package func reload() {
    do {
      wanted = try source.load()
      problem = nil
      logger.notice("the bench file was read again; it takes effect when the bench is free")
      wishes.raise()
    } catch {
      problem = "\(error)"
      logger.error("the bench file was read again and is wrong; the old one stays in force: \(error)")
    }
  }

  // MARK: Life

  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      do { try await supervise() } catch { await stop() }
    }
  }

  private func supervise() async throws {
    try await open(file)
    while true {
      let seen = wishes.count
      if let next = wanted { try await replace(by: next) } else { try await wishes.wait(after: seen) }
    }
  }

  private func stop() {
    stage = .stopped
    wishes.raise()
  }

  /// Tries until the devices are there, or another file is wanted.
  private func open(_ file: BenchFile) async throws {
    var pause = Self.shortestPause
    while true {
      do {
        await offer(try await source.open(file), file)
        return
      } catch is CancellationError {
        throw CancellationError()
      } catch BenchFileError.noDevices(let path) {
        await degrade(Self.noDevices(path), described: file)
      } catch {
        await degrade(ServiceError(describing: error, otherwise: .benchMissing))
      }
      try await waitForNews(for: pause)
      pause = min(2 * pause, Self.longestPause)
      if wanted != nil { return }
    }
  }

  /// Returns when devices may have come, when another file is wanted, and in the end when the time is over.
  private func waitForNews(for pause: UInt64) async throws {
    guard wanted == nil else { return }
    let (seen, deadline) = (wishes.count, source.clock.now + pause)
    try await withThrowingTaskGroup(of: Void.self) { [source, wishes] tasks in
      tasks.addTask { try await source.watch.waitForChange(until: deadline) }
      tasks.addTask { try await wishes.wait(after: seen) }
      defer { tasks.cancelAll() }
      try await tasks.next()
    }
  }

  private func offer(_ opened: BenchEquipment, _ file: BenchFile) async {
    var equipment = opened
    equipment.unit = WatchedUnit(unit: opened.unit, live: live)
    await equipment.unit.witness(live)
    self.file = file
    stage = .ready
    await lease.offer(equipment)
    logger.info("the bench \(file.path) is ready")
    wishes.raise()
  }

  private static func noDevices(_ path: String) -> ServiceError {
    ServiceError(.benchNoDevices, "\(BenchFileError.noDevices(path: path))")
  }

  /// - Parameter described: the file, when no devices can be expected of it.
  private func degrade(_ reason: ServiceError, described: BenchFile? = nil) async {
    if case .degraded(let known) = stage, known == reason { return }
    logger.warning("the bench is not ready: \(reason)")
    stage = .degraded(reason)
    if let described { await lease.offer(description: described, reason) } else { await lease.withdraw(reason) }
    live.forget()
    wishes.raise()
  }

  /// Closes the bench and opens that of another file; the old one again when that fails.
  private func replace(by next: BenchFile) async throws {
    wanted = nil
    if await lease.equipment != nil {
      // Withdrawn while it is held, so that nobody gets the old bench in between.
      try await lease.useWhenFree(for: "reload") { [lease] bench in
        try? await bench.unit.stop()
        await bench.unit.witness(nil)
        await lease.withdraw(ServiceError(.benchOpening, BenchLease.opening))
      }
      stage = .opening
      live.forget()
    }
    let old = file
    do {
      await offer(try await openReleased(next), next)
      loaded = service.date()
      problem = nil
    } catch is CancellationError {
      throw CancellationError()
    } catch BenchFileError.noDevices(let path) {
      (file, loaded, problem, stage) = (next, service.date(), nil, .opening)
      await degrade(Self.noDevices(path), described: next)
    } catch {
      problem = "\(error)"
      logger.error("the bench of the new file cannot be opened; the old one stays in force: \(error)")
      try await open(old)
    }
  }

  /// Opens devices that this process had open until now, and of which somebody may still hold the last reference.
  private func openReleased(_ file: BenchFile) async throws -> BenchEquipment {
    for _ in 1..<Self.attempts {
      do {
        return try await source.open(file)
      } catch DeviceError.inUse {
        try await service.sleep(0.1)
      }
    }
    return try await source.open(file)
  }

  private static let attempts = 5
  /// Nanoseconds between two attempts to open the bench.
  private static let shortestPause: UInt64 = 1_000_000_000
  private static let longestPause: UInt64 = 30_000_000_000
}
