import Foundation
import Synchronization

/// The program to which signals are passed on; 0 when there is none.
private let receiver = Atomic<pid_t>(0)
/// A signal that came before there was such a program.
private let early = Atomic<Int32>(0)

/// Another program.
enum ChildProcess {
  /// Where a program runs.
  enum Place {
    /// On the terminal of this process, and with the signals that it gets.
    case beside(output: Int32)
    /// By itself, so that Ctrl-C does not end it.
    case apart
  }

  private static let passedOn = [SIGTERM, SIGINT, SIGQUIT] + (outlivesTerminal ? [] : [SIGHUP])

  /// Runs a program to its end.
  ///
  /// Ctrl-C and Ctrl-\ reach the program by themselves, since the terminal sends them to both; signals that somebody sends
  /// to this process alone are passed on.
  ///
  /// - Parameter printsToErrors: whether its standard output goes to standard error.
  /// - Returns: its exit status; 128 and the number of the signal when one ended it, as in shells.
  static func run(
    _ command: [String], environment: [String: String], printsToErrors: Bool = false
  ) async throws -> Int32 {
    receiver.store(0, ordering: .sequentiallyConsistent)
    for number in passedOn { passOn(number) }
    let output = printsToErrors ? STDERR_FILENO : STDOUT_FILENO
    let process = try start(command, environment: environment, .beside(output: output))
    receiver.store(process, ordering: .sequentiallyConsistent)
    let missed = early.exchange(0, ordering: .sequentiallyConsistent)
    if missed > 0 { kill(process, missed) }
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: wait(for: process)) }
    }
  }

  private static func passOn(_ number: Int32) {
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = { number, information, _ in
      // The kernel's own signals come from the terminal.
      guard let information, information.pointee.si_code <= 0 else { return }
      let process = receiver.load(ordering: .sequentiallyConsistent)
      if process > 0 { kill(process, number) } else { early.store(number, ordering: .sequentiallyConsistent) }
    }
    action.sa_flags = SA_SIGINFO | SA_RESTART
    sigaction(number, &action, nil)
  }

  /// Starts a program.
  static func start(_ command: [String], environment: [String: String] = [:], _ place: Place) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process ignores and what its threads block is none of the program's concern, unless both are to outlive the terminal.
    var (all, none) = (sigset_t(), sigset_t())
    sigfillset(&all)
    if outlivesTerminal { sigdelset(&all, SIGHUP) }
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    switch place {
    case .beside(let output):
      if output != STDOUT_FILENO { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
    case .apart:
      flags |= POSIX_SPAWN_SETPGROUP
      for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
      }
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
    var process: pid_t = 0
    let status = withStrings(command) { arguments in
      withStrings(variables) { variables in
        posix_spawnp(&process, command[0], &actions, &attributes, arguments, variables)
      }
    }
    guard status == 0 else { throw CommandFailure("\(command[0]): \(String(cString: strerror(status)))") }
    return process
  }

  private static func wait(for process: pid_t) -> Int32 {
    // Other threads may block the signals that are passed on; then they arrive here.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in passedOn { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    defer { receiver.store(0, ordering: .relaxed) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return 1 }
    }
    let ended = status & 0x7F
    return ended == 0 ? status >> 8 & 0xFF : 128 + ended
  }

  /// The strings as C wants the arguments of a program.
  private static func withStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
  }
}
