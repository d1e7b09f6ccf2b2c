import ArgumentParser
import Dispatch
import Glibc

/// The beginning and the end of a program's process.
public enum Program {
  /// Runs the command that the arguments of the process ask for, and ends the process with its status.
  ///
  /// - Parameters:
  ///   - check: looks at the arguments before they are parsed, for what the parser has no good words for.
  ///   - report: says on standard error why a command failed.
  ///   - failed: does what is to be done in the end when anything failed, with the error and the arguments.
  public static func run<Command: AsyncParsableCommand>(
    _ command: Command.Type, check: @escaping @Sendable ([String]) throws -> Void = { _ in },
    report: @escaping @Sendable (any Error) -> Void,
    failed: @escaping @Sendable (any Error, [String]) -> Void = { _, _ in }
  ) -> Never {
    prepare()
    Task {
      let arguments = Array(CommandLine.arguments.dropFirst())
      let outcome = await outcome(of: command) {
        try requireText()
        try check(arguments)
      }
      guard let outcome else { exit(ExitCode.success.rawValue) }
      let status = status(of: outcome, from: command, report)
      if status != ExitCode.success.rawValue { failed(outcome, arguments) }
      exit(status)
    }
    dispatchMain()
  }

  /// Names of files are text in both programs; one that is not would become another name on the way.
  private static func requireText() throws {
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[index], String(validatingCString: argument) == nil else { continue }
      throw ValidationError(
        """
        Argument \(index), "\(String(cString: argument))", is not UTF-8 text, so that its file could not be found or would \
        get another name; rename it, or use a link with a name in UTF-8.
        """)
    }
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

  /// Why the command did not run to its end; nil when it did.
  private static func outcome<Command: AsyncParsableCommand>(
    of command: Command.Type, check: () throws -> Void
  ) async -> (any Error)? {
    do {
      try check()
      try await run(try await command.asyncParseAsRoot())
      return nil
    } catch {
      return error
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
