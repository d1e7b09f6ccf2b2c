import BenchTestKit
import Files
import Foundation
import Testing

/// What `odu-ctl` computes without a bench and without a daemon.
@Suite("Commands that compute in their own process")
struct LocalCommandTests {
  private static let training = [
    "train", "--mode", "offline", "--dataset", "glyphs", "--classes", "0,3", "--images", "400", "--seed", "5",
  ]
  private static let generation = ["generate", "--on", "twin", "--steps", "4", "--count", "2", "--contrast", "1.2"]

  @Test("models and samples are the same to the bit here and on a daemon")
  func same() throws {
    let daemon = try RunningDaemon()
    let (here, there) = (daemon.folder.file("here"), daemon.folder.file("there"))
    for (place, folder) in [(["--bench", daemon.bench], here), (["--socket", daemon.socket], there)] {
      let trained = try Program.run(Self.training + place + ["--output", folder])
      try #require(trained.status == 0, "\(trained.errors)")
      let samples = folder + "/samples.npy"
      let generated = try Program.run(Self.generation + place + ["--model", folder, "--output", samples])
      try #require(generated.status == 0, "\(generated.errors)")
      #expect(!generated.errors.contains("another alignment"))
    }
    for name in ["model.odu", "samples.npy"] {
      #expect(try AtomicFile.read(here + "/" + name) == AtomicFile.read(there + "/" + name), "\(name)")
    }
  }

  @Test("a task that is killed or interrupted resumes with the same command, and its model is the same to the bit")
  func task() throws {
    let folder = try TemporaryFolder()
    func task(_ name: String) throws -> String {
      try folder.write(
        """
        {"kind": "train", "bench": "paper-mplc", "output": "\(folder.file(name))", "checkpoints": "\(folder.file(name))-run",
         "parameters": {"mode": "offline", "dataset": "glyphs", "classes": [0, 3], "seed": 5, "offlineImages": 400}}
        """, as: name + ".json")
    }
    let (whole, broken) = (try task("whole"), try task("broken"))
    let undisturbed = try Program.run(["run", whole])
    try #require(undisturbed.status == 0, "\(undisturbed.errors)")
    for (signal, status) in [(SIGKILL, nil), (SIGTERM, 75), (SIGINT, 75)] as [(Int32, Int32?)] {
      let running = try RunningTask(["run", broken])
      // The first tenth of the steps is behind a checkpoint.
      running.wait(for: "train on twin: ")
      while running.isRunning, !AtomicFile.exists(folder.file("broken-run/checkpoint.state")) {
        running.wait(for: "\n")
      }
      let ended = running.end(with: signal)
      if let status { #expect(ended == status) }
    }
    let resumed = try Program.run(["run", broken])
    try #require(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("resumes with set"))
    #expect(try AtomicFile.read(folder.file("broken/model.odu")) == AtomicFile.read(folder.file("whole/model.odu")))
    #expect(!AtomicFile.exists(folder.file("broken-run/checkpoint.state")))
  }

  @Test(
    "a task that makes no sense is refused with what is wrong with it",
    arguments: [
      (#"{"kind": "train", "output": "o", "outptu": "o"}"#, "outptu: unknown"),
      (#"{"kind": "trian", "output": "o"}"#, "trian"), (#"{"kind": "train"}"#, "output"), ("[", "JSON"),
      (
        #"{"kind": "train", "output": "o", "parameters": {"mode": "offline", "dataset": "glyphs", "offlineImages": 0}}"#,
        "offlineImages"
      ),
    ])
  func refusals(text: String, words: String) throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["run", try folder.write(text, as: "task.json")])
    #expect(program.status == 64 && program.errors.contains(words), "\(program.errors)")
  }

  @Test("a job that needs a bench says so when the file describes none")
  func noDevices() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run([
      "train", "--mode", "online", "--bench", "paper-mplc", "--output", folder.file("model"),
    ])
    #expect(program.status == 1 && program.errors.contains("describes only a twin"), "\(program.errors)")
  }
}

/// A task that runs beside the test.
private final class RunningTask {
  private let process = Process()
  private let errors = Pipe()

  init(_ arguments: [String]) throws {
    process.executableURL = Program.url(of: "odu-ctl")
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "NO_COLOR": "1"]
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Returns when the job has said something on standard error, or has ended.
  func wait(for words: String) {
    var said = ""
    while !said.contains(words) {
      let bytes = errors.fileHandleForReading.availableData
      if bytes.isEmpty { return }
      said += String(decoding: bytes, as: UTF8.self)
    }
  }

  func end(with signal: Int32) -> Int32 {
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationStatus
  }
}
