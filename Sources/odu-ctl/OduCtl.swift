import ArgumentParser
import BenchAPI
import Files
import Program

@main
enum Main {
  static func main() {
    Program.run(OduCtl.self, check: CommandWords.requireCommand, report: report, failed: FailureDocument.write)
  }

  /// Standard output may be the file that a command writes: its reader's leaving ends the program as it ends others.
  @Sendable private static func report(_ error: any Error) {
    if case FilesError.abandoned(let file) = error, AtomicFile.isStandardOutput(file) { Program.endByBrokenPipe() }
    StandardError.report(error)
  }
}

/// The command line of odu: `odu-ctl COMMAND …`.
struct OduCtl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "odu-ctl",
    abstract: "Operates an optical denoising unit: its bench, its digital twin, training and generation.",
    discussion: """
      Every command takes --json and then writes one JSON document to standard output. The exit status is 0 on success, \
      64 when the command line is wrong, 130 when a signal stopped it (75 when `run` then resumes), and 1 when the command \
      failed, with the reason on standard error; with --json the document then is {"error": {"code": …, "message": …}}.
      """,
    version: "odu-ctl \(SoftwareVersion.current)",
    groupedSubcommands: [
      CommandGroup(name: "Getting started", subcommands: [DemoCommand.self]),
      CommandGroup(name: "Computing", subcommands: [OpticsGroup.self, TwinGroup.self, DiffusionGroup.self]),
      CommandGroup(name: "Learning", subcommands: [Train.self, Generate.self, Evaluate.self, RunCommand.self]),
      CommandGroup(
        name: "The bench",
        subcommands: [
          BenchGroup.self, DevicesCommand.self, DoctorCommand.self, Calibrate.self, ModulatorGroup.self,
          CameraGroup.self, ResponseGroup.self,
          Measure.self, Lease.self,
        ]),
      CommandGroup(name: "The daemon", subcommands: [Open.self, Status.self, Kinds.self, Metrics.self, Reload.self]),
      CommandGroup(
        name: "Jobs and results", subcommands: [JobsCommand.self, Runs.self, CalibrationGroup.self, Models.self]),
    ])
}
