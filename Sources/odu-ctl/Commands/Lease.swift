import ArgumentParser
import BenchClient
import ReadableNumbers

struct Lease: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Holds the bench while a command runs, without interruption by others.",
    discussion: """
      Waits until the bench is free. The command runs with ODU_SOCKET and ODU_LEASE in its environment; with these, \
      slm, camera grab, measure and twin measure use the leased bench. When the command has ended, the safe patterns are shown; \
      its exit status is that of odu-ctl. With --json the command's output goes to standard error.

      Examples:
        odu-ctl lease -- ./scan.sh
        odu-ctl lease --seconds 60 -- sh -c 'odu-ctl slm show grating.png && odu-ctl camera grab'
      """)

  @Option(help: ArgumentHelp("How long at most.", valueName: "number"))
  var seconds = 600.0
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions
  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The command and its arguments, after --.", valueName: "command"))
  var command: [String] = []

  struct Answer: Encodable { var status: Int32 }

  private static let longest = 3600.0

  func validate() throws {
    guard seconds > 0, seconds <= Self.longest else {
      throw ValidationError("--seconds must be above 0 and at most \(number(Self.longest)), not \(number(seconds)).")
    }
    if command.isEmpty { throw ValidationError("Give the command after --, as in: odu-ctl lease -- ./scan.sh") }
  }

  func run() async throws {
    guard ConnectionOptions.leaseToken == nil else {
      throw CommandFailure("the bench is held already: ODU_LEASE is set; a lease in a lease would wait for its own end")
    }
    let bench = try await interruptible { try await connection.client.lease(seconds: seconds) }
    let early = Task {
      await bench.end()
      if !Task.isCancelled { StandardError.note("the bench is no longer held; the command continues without it") }
    }
    defer {
      early.cancel()
      bench.release()
    }
    let status = try await ChildProcess.run(
      command, environment: ["ODU_SOCKET": connection.socket, "ODU_LEASE": bench.token], printsToErrors: output.json)
    try output.print(Answer(status: status)) { "" }
    if status != 0 { throw ExitCode(status) }
  }
}
