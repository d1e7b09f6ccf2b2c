import ArgumentParser
import BenchFile
import BenchService
import DriverCatalogue
import Foundation
import Hotplug
import Logging
import ServiceLifecycle

/// The bench daemon.
@main
struct Odud: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "odud", abstract: "Runs a bench and serves it on a Unix socket.", version: ServiceVersion.current)

  @Option(help: ArgumentHelp("The bench file, or the name of an installed profile.", valueName: "file"))
  var bench: String

  @Option(help: ArgumentHelp("The folder for runs, arrays and calibrations.", valueName: "dir"))
  var state = DefaultPaths.state

  @Option(help: ArgumentHelp("The Unix socket to listen on.", valueName: "path"))
  var socket = DefaultPaths.socket

  @Option(help: ArgumentHelp("Threads that a job may compute with.", valueName: "count"))
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    help: ArgumentHelp(
      "Log on standard error from: trace, debug, info, notice, warning, error or critical.", valueName: "level"),
    transform: { text in
      guard let level = Logger.Level(rawValue: text) else { throw ValidationError("\"\(text)\" is no log level.") }
      return level
    })
  var logLevel = Logger.Level.notice

  @Flag(
    help: """
      Serve the process that holds the other end of standard input: end when that dies, and remove the state folder in \
      the end.
      """)
  var temporary = false

  func validate() throws {
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be in 1…1024.") }
  }

  func run() async throws {
    do {
      try await serve()
    } catch {
      FileHandle.standardError.write(Data("odud: \(error)\n".utf8))
      throw ExitCode.failure
    }
  }

  private func serve() async throws {
    umask(0o077)
    var logger = Logger(label: "odud", factory: StreamLogHandler.standardError(label:))
    logger.logLevel = logLevel
    let folder = try StateFolder(path: state)
    var configuration = BenchServer.Configuration()
    configuration.threads = threads
    configuration.logger = logger
    let file = try BenchFile.load(path: bench)
    let isSimulated = file.devices?.usesSimulation ?? false
    let watch = isSimulated ? nil : UdevWatch { [logger] in logger.notice("\($0)") }
    let equipment = try BenchEquipment(file: file, assembled: await file.assemble(drivers: .standard, watch: watch))
    let server = try BenchServer(bench: equipment, state: folder, configuration: configuration)
    var services: [any Service] = [BenchDaemon(server: server, socket: socket)]
    if temporary { services.append(ParentWatch()) }
    var group = ServiceGroupConfiguration(
      services: services.map {
        .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
      },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(10)
    try await ServiceGroup(configuration: group).run()
    if temporary { try FileManager.default.removeItem(at: folder.url) }
  }
}
