import Foundation
import Hummingbird
import Logging
import ServiceLifecycle

/// The daemon as a library: the routes of the HTTP API, the queue of jobs and the bench behind them.
public struct BenchServer: Sendable {
  /// How a server is set up.
  public struct Configuration: Sendable {
    public var catalogue = JobCatalogue.standard
    public var limits = ServiceLimits()
    /// Threads that a job may compute with.
    public var threads = 1
    /// Who may connect to the socket.
    public var socketMode: mode_t = 0o600
    public var clock = ServiceClock.system
    public var logger = Logger(label: "odud")

    public init() {}
  }

  private let configuration: Configuration
  private let state: StateFolder
  private let queue: JobQueue
  private let responder: RouterResponder<BasicRequestContext>

  /// A server for a bench, with its state in a folder that no other daemon uses.
  public init(bench: BenchEquipment, state: StateFolder, configuration: Configuration = Configuration()) throws {
    let (limits, clock) = (configuration.limits, configuration.clock)
    let lease = BenchLease(bench)
    let shelf = ArrayShelf(folder: state.arrays)
    let store = JobStore(folder: state.runs, capacity: limits.events, clock: clock, logger: configuration.logger)
    self.configuration = configuration
    self.state = state
    queue = try JobQueue(
      catalogue: configuration.catalogue, lease: lease, store: store, shelf: shelf, limits: limits,
      threads: configuration.threads)
    let router = Router()
    router.add(middleware: ErrorMiddleware())
    let version = router.group("v1")
    StatusRoutes(
      equipment: bench, queue: queue, lease: lease, stateDirectory: state.url.path, clock: clock,
      started: clock.uptime()
    ).add(to: version)
    DeviceRoutes(lease: lease, shelf: shelf, limits: limits).add(to: version)
    ArrayRoutes(shelf: shelf, limits: limits).add(to: version.group("arrays"))
    JobRoutes(queue: queue, limits: limits).add(to: version.group("jobs"))
    responder = router.buildResponder()
  }

  /// The routes and the queue as a Hummingbird application, for tests that need no socket.
  public var application: some ApplicationProtocol {
    Application(responder: responder, services: [queue], logger: configuration.logger)
  }

  /// The service group that listens on a Unix socket and runs the jobs.
  func group(socket path: String, onReady: @escaping @Sendable () -> Void) -> ServiceGroup {
    let mode = configuration.socketMode
    let listener = Application(
      responder: responder,
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: path), serverName: "odud",
        availableConnectionsDelegate: .maximum(configuration.limits.connections, logger: configuration.logger)),
      onServerRunning: { _ in
        chmod(path, mode)
        onReady()
      },
      logger: configuration.logger)
    // Services end in reverse order: the streams of a job's events end with the job, and the listener waits for them.
    return ServiceGroup(services: [listener, queue], logger: configuration.logger)
  }
}
