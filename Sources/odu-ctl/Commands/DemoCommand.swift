import ArgumentParser
import BenchClient
import Demo
import Files
import Foundation

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Runs the whole loop on the simulated bench and writes a report.",
    discussion: """
      Calibrates the bench, trains the layer sets on the calibrated twin and then on the bench, compares three ways to \
      train, generates images through the bench, and writes report.html. Ctrl-C ends it at any moment and leaves nothing \
      behind but what is already in the output folder.

      Examples:
        odu-ctl demo
        odu-ctl demo --dataset mnist:data/mnist --classes 0,1,2
      """)

  @OptionGroup var images: DatasetOptions
  @Option(help: ArgumentHelp("Seed of all random numbers.", valueName: "number"))
  var seed: UInt64 = 1
  @OptionGroup var computing: ThreadsOption
  @Option(help: ArgumentHelp("The folder for the report; created if necessary.", valueName: "dir"))
  var output = "demo-output"
  @Flag(help: "A short form that exercises every step and learns little.")
  var quick = false
  @OptionGroup var printing: OutputOptions

  struct Answer: Encodable {
    var report: String
    var seconds: Double
  }

  func run() async throws {
    let run = DemoRun(
      dataset: try images.source(), classes: try images.classList(), seed: seed, threads: computing.threads,
      quick: quick,
      output: URL(fileURLWithPath: output).path)
    try AtomicFile.requireWritable(folder: output)
    try run.checkDataset()
    let began = ContinuousClock().now
    let report = try await interruptible {
      try await PrivateDaemon.run(bench: DemoRun.bench, threads: computing.threads) { daemon in
        try await run.perform(on: DemoSite(daemon))
      }
    }
    let seconds = (ContinuousClock().now - began) / .seconds(1)
    try printing.print(Answer(report: report, seconds: seconds)) { "The report is \(report)" }
  }
}

extension DemoSite {
  fileprivate init(_ daemon: PrivateDaemon) {
    self.init(
      client: daemon.client,
      greet: { status, devices in
        StandardError.write("odud \(status.version) runs \(status.bench)\n\(DeviceListing(devices: devices).text)\n")
      },
      perform: { request, folder in
        let job = try await daemon.client.perform(request, patience: .zero)
        try await daemon.client.fetchArtefacts(of: job, into: folder)
        return job
      }, peakMemory: { daemon.peakMemory })
  }
}
