import Access
import Catalogues
import Foundation
import Hummingbird
import HummingbirdCore
import Jobs
import Lending
import Logging
import ServiceCore
import ServiceLifecycle

/// The daemon as a library: the routes of the HTTP API, the queue of jobs and the bench behind them.
public struct BenchServer: Sendable {
  /// How a server is set up.
  public struct Configuration: Sendable {
    /// The kinds of job that the server offers.
    public var catalogue = JobCatalogue([])
    /// What else clients can ask for by name, by the plural of what it is: `samplers`, `drivers`.
    public var kinds: [String: [Declaration]] = [:]
    public var limits = ServiceLimits()
    /// Threads that a job may compute with.
    public var threads = 1
    /// Whether jobs that have not ended resume with the next daemon on the same state folder.
    public var jobsOutliveService = true
    /// Who may connect to the socket.
    public var socketMode: mode_t = 0o600
    public var clock = ServiceClock.system
    /// Who may do what.
    public var access = AccessPolicy()
    public var connections = ConnectionLimits()
    public var manager = ServiceManager(environment: [:])
    /// Called on the thread for jobs whenever a job has stopped: to give back what it needed, say.
    public var afterJob: @Sendable () -> Void = {}
    public var logger = Logger(label: "odud")

    public init() {}
  }

  private let configuration: Configuration
  private let state: StateFolder
  private let parts: ServiceParts
  private let responder: RouterResponder<BenchRequestContext>
  private let watch: ConnectionWatch

  /// A server for a bench that is open, with its state in a folder that no other daemon uses.
  public init(bench: BenchEquipment, state: StateFolder, configuration: Configuration = Configuration()) throws {
    try self.init(source: BenchSource(bench), state: state, configuration: configuration)
  }

  /// A server for a bench that it opens itself, as soon as its devices are there.
  ///
  /// - Throws: what is wrong with the bench file.
  public init(source: BenchSource, state: StateFolder, configuration: Configuration = Configuration()) throws {
    self.configuration = configuration
    self.state = state
    let control = AccessControl(configuration.access)
    watch = ConnectionWatch(limits: configuration.connections, control: control)
    parts = try ServiceParts(
      source: source, state: state, control: control, watch: watch, configuration: configuration)
    responder = parts.responder()
  }

  /// Reads the bench file again.
  public func reload() async {
    configuration.manager.reloading()
    await parts.supervisor.reload()
    configuration.manager.ready()
  }

  /// Who may connect to the Unix socket.
  var socketMode: mode_t { configuration.socketMode }

  /// Ends what outlives the services.
  func close() {
    parts.index.close()
    state.release()
  }

  /// The routes and the queue as a Hummingbird application, for tests that need no socket.
  public var application: some ApplicationProtocol {
    var application = Application(responder: responder, services: parts.services, logger: configuration.logger)
    application.beforeServerStarts { [parts] in try await parts.supervisor.settle() }
    return application
  }

  /// The service group that listens and runs the jobs.
  func group(on endpoints: [Endpoint], onReady: @escaping @Sendable () -> Void) -> ServiceGroup {
    let ready = Countdown(2) { [manager = configuration.manager] in manager.ready() }
    let listening = Countdown(endpoints.count) {
      ready.count()
      onReady()
    }
    let listeners = endpoints.map { listener(on: $0) { listening.count() } }
    let settling = Settling(supervisor: parts.supervisor, clock: configuration.clock) { ready.count() }
    // Services end in reverse order: the streams of a job's events end with the job, and the listeners wait for them.
    return ServiceGroup(services: listeners + parts.services + [settling], logger: configuration.logger)
  }

  private func listener(on endpoint: Endpoint, onRunning: @escaping @Sendable () -> Void) -> any Service {
    Listener(endpoint: endpoint, responder: responder, watch: watch, logger: configuration.logger) {
      [mode = configuration.socketMode] _ in
      if case .unix(let path) = endpoint { chmod(path, mode) }
      onRunning()
    }
  }
}

/// Where a server listens.
public enum Endpoint: Sendable {
  case unix(path: String)
  /// The socket that the service manager opened.
  case inherited(ActivationSocket)
  case tcp(TCPListening)
}
