import Foundation
import Hummingbird
import HummingbirdCore
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
    /// Whether jobs that have not ended go on with the next daemon on the same state folder.
    public var jobsOutliveService = true
    /// Who may connect to the socket.
    public var socketMode: mode_t = 0o600
    public var clock = ServiceClock.system
    /// Who may do what.
    public var access = AccessPolicy()
    public var connections = ConnectionLimits()
    public var manager = ServiceManager(environment: [:])
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
    watch = ConnectionWatch(limits: configuration.connections)
    parts = try ServiceParts(source: source, state: state, watch: watch, configuration: configuration)
    responder = parts.responder()
  }

  /// Reads the bench file again.
  public func reload() async {
    configuration.manager.reloading()
    await parts.supervisor.reload()
    configuration.manager.ready()
  }

  /// Ends what outlives the services.
  func close() { parts.index.close() }

  /// The routes and the queue as a Hummingbird application, for tests that need no socket.
  public var application: some ApplicationProtocol {
    var application = Application(responder: responder, services: parts.services, logger: configuration.logger)
    application.beforeServerStarts { [parts] in try await parts.supervisor.settle() }
    return application
  }

  /// The service group that listens and runs the jobs.
  func group(on endpoints: [Endpoint], onReady: @escaping @Sendable () -> Void) throws -> ServiceGroup {
    let ready = Countdown(endpoints.count) { [manager = configuration.manager] in
      manager.ready()
      onReady()
    }
    let listeners = try endpoints.map { try listener(on: $0) { ready.count() } }
    // Services end in reverse order: the streams of a job's events end with the job, and the listeners wait for them.
    return ServiceGroup(services: listeners + parts.services, logger: configuration.logger)
  }

  private func listener(on endpoint: Endpoint, onRunning: @escaping @Sendable () -> Void) throws -> any Service {
    let mode = configuration.socketMode
    switch endpoint {
    case .inherited(let socket):
      return InheritedListener(
        socket: socket, responder: responder, configuration: watch.http1, connections: configuration.limits.connections,
        logger: configuration.logger, onRunning: onRunning)
    case .unix(let path):
      return application(on: .unixDomainSocket(path: path), .http1(configuration: watch.http1)) {
        chmod(path, mode)
        onRunning()
      }
    case .tcp(let listening):
      return application(on: listening.address, try listening.server(watch.http1), onRunning: onRunning)
    }
  }

  private func application(
    on address: BindAddress, _ server: HTTPServerBuilder, onRunning: @escaping @Sendable () -> Void
  ) -> some ApplicationProtocol {
    let logger = configuration.logger
    return Application(
      responder: responder, server: server,
      configuration: ApplicationConfiguration(
        address: address, serverName: "odud",
        availableConnectionsDelegate: .maximum(configuration.limits.connections, logger: logger)),
      onServerRunning: { _ in onRunning() }, logger: logger)
  }
}

/// Where a server listens.
public enum Endpoint: Sendable {
  case unix(path: String)
  /// The socket that the service manager opened.
  case inherited(ActivationSocket)
  case tcp(TCPListening)
}
