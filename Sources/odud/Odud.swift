import Access
import ArgumentParser
import BenchAPI
import BenchFile
import BenchService
import CAllocator
import CSignals
import Devices
import DriverCatalogue
import Foundation
import Hotplug
import JobKinds
import Jobs
import Lending
import Logging
import Program
import ServiceLifecycle
import UnixSignals

@main
enum Main {
  static func main() { Program.run(Odud.self) { Odud.report("\($0)") } }
}

/// The bench daemon.
struct Odud: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "odud", abstract: "Runs a bench and serves it on a Unix socket.",
    discussion: """
      Under systemd the unit gives all options. By hand:

        odud --bench simulated
        odud --bench exported.yaml --simulate
        odud --bench bench.yaml --listen 127.0.0.1:8080 --tokens tokens

      SIGHUP reads the bench file again, SIGTERM ends the service with the safe patterns on the modulators.
      """,
    version: SoftwareVersion.current)

  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench = DefaultPaths.bench

  @Flag(
    help: """
      Run a simulation in place of the bench's devices: the section `simulated` of the bench file, as odu-ctl cal export \
      writes it. Without --state it has a state folder of its own.
      """)
  var simulate = false

  @Option(help: ArgumentHelp("The folder for runs, arrays and calibrations.", valueName: "dir"))
  var state = DefaultPaths.state

  @Option(help: ArgumentHelp("The Unix socket to listen on.", valueName: "path"))
  var socket = DefaultPaths.socket

  @Option(help: ArgumentHelp("An address to listen on over TCP as well.", valueName: "host:port"))
  var listen: String?

  @Option(help: ArgumentHelp("Who may do what over TCP: a role and a token on each line.", valueName: "file"))
  var tokens: String?

  @Option(help: ArgumentHelp("The certificate chain for TLS, in PEM.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The certificate's key, in PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: ArgumentHelp("Threads that a job may compute with.", valueName: "count"))
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    help: ArgumentHelp(
      "Log on standard error from: trace, debug, info, notice, warning, error or critical.", valueName: "level"),
    transform: { text in
      guard let level = Logger.Level(rawValue: text) else { throw ValidationError("\"\(text)\" is not a log level.") }
      return level
    })
  var logLevel = Logger.Level.notice

  @Flag(
    help: """
      Serve the process that holds the other end of standard input: end when that dies, and remove in the end what was \
      written into the state folder, which must be empty or not be there.
      """)
  var temporary = false

  func validate() throws {
    guard !state.isEmpty else { throw ValidationError("--state is empty; name a folder.") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be in 1…1024.") }
    guard listen == nil || tokens != nil else {
      throw ValidationError("--listen needs --tokens: without it all requests over TCP are refused.")
    }
    guard listen != nil || tokens == nil && tlsCertificate == nil else {
      throw ValidationError("--tokens and --tls-certificate are for TCP; give --listen, too.")
    }
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key belong together.")
    }
  }

  func run() async throws {
    do {
      try await serve()
    } catch let error as SetupMistake {
      Self.report(error.reason)
      throw ExitCode(Self.configurationStatus)
    }
  }

  /// Says why the daemon ends, as far as somebody reads it.
  fileprivate static func report(_ reason: String) { try? StandardStream.error.write("odud: \(reason)\n") }

  private func serve() async throws {
    umask(0o077)
    csignals_ignore()
    // From here on SIGHUP is remembered until there is a bench file to read again.
    let reloads = await UnixSignalsSequence(trapping: .sighup)
    // Frames and patterns come and go by the thousand. By itself glibc would spread them over an arena for each thread and
    // move the size from which it asks the kernel for memory, and the holes in between would make the process grow.
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 4 << 20)
    mallopt(M_TRIM_THRESHOLD, 8 << 20)
    var logger = Logger(label: "odud", factory: StreamLogHandler.standardError(label:))
    logger.logLevel = logLevel
    let folder =
      try temporary ? settingUp { try StateFolder(path: stateFolder, temporary: true) } : StateFolder(path: stateFolder)
    let configuration = try settingUp { try serverConfiguration(logger) }
    let source = source(logger)
    _ = try settingUp { try source.load() }
    let server = try BenchServer(source: source, state: folder, configuration: configuration)
    let daemon = BenchDaemon(server: server, endpoints: try settingUp { try endpoints() })
    var services: [any Service] = [
      daemon, ReloadSignal(server: server, signals: reloads), ShutdownDeadline(logger: logger),
    ]
    if temporary { services.append(ParentWatch()) }
    var group = ServiceGroupConfiguration(
      services: services.map {
        .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
      },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(ShutdownDeadline.seconds)
    try await ServiceGroup(configuration: group).run()
    if temporary { try folder.removeContents() }
  }

  // MARK: Setting up

  /// A simulation has a folder of its own unless one is named, so that what is calibrated on it is never in force on the bench.
  private var stateFolder: String { simulate && state == DefaultPaths.state ? state + "-simulated" : state }

  private func serverConfiguration(_ logger: Logger) throws -> BenchServer.Configuration {
    var configuration = BenchServer.Configuration()
    configuration.catalogue = .standard
    configuration.kinds = JobNames.standard
    configuration.kinds["drivers"] = DriverRegistry.standard.catalogue.declarations
    configuration.threads = threads
    configuration.logger = logger
    configuration.manager = ServiceManager()
    configuration.jobsOutliveService = !temporary
    // What a job needed lies in holes between what stays, where glibc keeps it: up to the most that any job needed at once.
    configuration.afterJob = { malloc_trim(0) }
    let descriptors = DescriptorLimit.raise(for: configuration.connections)
    if let warning = descriptors.warning {
      logger.warning("\(warning)")
      configuration.connections = configuration.connections.scaled(to: descriptors.connections)
    }
    configuration.access.tokens = try tokens.map { try TokenTable(path: $0) }
    configuration.access.listening = try listening()
    return configuration
  }

  private func listening() throws -> TCPListening? {
    try listen.map { try TCPListening($0, certificate: tlsCertificate, key: tlsKey) }
  }

  private func endpoints() throws -> [Endpoint] {
    let local = try ActivationSocket().map { Endpoint.inherited($0) } ?? .unix(path: socket)
    return [local] + (try listening().map { [.tcp($0)] } ?? [])
  }

  private func source(_ logger: Logger) -> BenchSource {
    let watch = UdevWatch { [logger] in logger.debug("\($0)") }
    return BenchSource(
      load: { [bench, simulate] in
        try BenchFile.load(
          path: bench, drivers: .standard, forOpening: true,
          allDevicesBy: simulate ? DriverRegistry.simulation : nil)
      },
      open: { file in
        try BenchEquipment(file: file, assembled: await file.assemble(watch: watch))
      },
      watch: watch)
  }

  /// Does what fails only because of a file or an option, so that trying again is no use.
  private func settingUp<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw SetupMistake(reason: "\(error)") }
  }

  private struct SetupMistake: Error { var reason: String }

  /// `EX_CONFIG` of sysexits(3); the unit does not restart the service after it.
  private static let configurationStatus: Int32 = 78
}

/// Ends the process when a job computes on for longer than whoever stops the service waits. By then the panels are safe, and
/// the job resumes from where it was saved.
private struct ShutdownDeadline: Service {
  static let seconds = 4.5
  let logger: Logger

  func run() async throws {
    try? await gracefulShutdown()
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.seconds) { [logger] in
      logger.warning("a job did not stop in time; it continues when odud is started again")
      _exit(0)
    }
  }
}

/// Reads the bench file again on SIGHUP.
private struct ReloadSignal: Service {
  let server: BenchServer
  let signals: UnixSignalsSequence

  func run() async throws {
    await cancelWhenGracefulShutdown {
      for await _ in signals { await server.reload() }
    }
  }
}
