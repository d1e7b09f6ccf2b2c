import ArgumentParser
import Dispatch
import Glibc

/// The beginning and the end of a program's process.
public enum Program {
  /// Runs the command that the arguments of the process ask for, and ends the process with its status.
  ///
  /// - Parameter report: says on standard error why a command failed.
  public static func run<Command: AsyncParsableCommand>(
    _ command: Command.Type, report: @escaping @Sendable (any Error) -> Void
  ) -> Never {
    prepare()
    Task { exit(await status(of: command, report)) }
    dispatchMain()
  }

  /// Ends the process as a broken pipe ends one that does not handle it: quietly, by SIGPIPE.
  public static func endByBrokenPipe() -> Never {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    signal(SIGPIPE, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGPIPE)
    _exit(128 + SIGPIPE)
  }

  /// What has to be done before anything opens a file.
  private static func prepare() {
    // A file that is opened while a standard stream is closed would take its number, and with it what is written to the
    // stream. Opened for reading, it refuses that.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
    // Whoever writes learns of these by the error number.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }

  private static func status<Command: AsyncParsableCommand>(
    of command: Command.Type, _ report: (any Error) -> Void
  ) async -> Int32 {
    do {
      try await run(try await command.asyncParseAsRoot())
      return ExitCode.success.rawValue
    } catch {
      return status(of: error, from: command, report)
    }
  }

  private static func run(_ command: any ParsableCommand) async throws {
    var command = command
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }

  /// Says what is to be said of how a command ended.
  private static func status<Command: ParsableCommand>(
    of error: any Error, from command: Command.Type, _ report: (any Error) -> Void
  ) -> Int32 {
    let code = command.exitCode(for: error)
    do {
      // Help, a version, a mistake on the command line, or a status without words.
      guard error is ExitCode || code != .failure else { throw error }
      let text = command.fullMessage(for: error)
      if !text.isEmpty { try (code.isSuccess ? StandardStream.output : .error).write(text + "\n") }
    } catch let failure as StreamFailure where failure.isBrokenPipe {
      endByBrokenPipe()
    } catch {
      report(error)
      return code.isSuccess ? ExitCode.failure.rawValue : code.rawValue
    }
    return code.rawValue
  }
}
