import BenchTestKit
import Foundation
import Testing

@Suite("What the programs remove and replace")
struct StateCommandTests {
  @Test(
    "odud --temporary refuses a folder that is not empty with the status of a wrong setup, and takes nothing from it")
  func temporary() throws {
    let folder = try TemporaryFolder()
    let state = folder.file("notes")
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    let thesis = try folder.write("thesis", as: "notes/thesis.txt")
    let program = try Program.run(
      ["--bench", "simulated", "--state", state, "--socket", folder.file("s"), "--temporary"], of: "odud")
    #expect(program.status == 78 && program.errorLines.count == 1)
    #expect(program.errors.contains("not empty") && program.errors.contains("--state"))
    #expect(try String(contentsOfFile: thesis, encoding: .utf8) == "thesis")
    #expect(try FileManager.default.contentsOfDirectory(atPath: state) == ["thesis.txt"])
    let nameless = try Program.run(["--state", "", "--socket", folder.file("s"), "--temporary"], of: "odud")
    #expect(nameless.status == 64)
  }

  @Test("--output follows links, writes into pipes and keeps what is no file")
  func output() throws {
    let daemon = try RunningDaemon()
    let (target, link, pipe) = (daemon.folder.file("t.npy"), daemon.folder.file("l.npy"), daemon.folder.file("p.npy"))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    #expect(try daemon.run("camera", "grab", "--output", link).status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
    #expect(FileManager.default.fileExists(atPath: target))
    #expect(mkfifo(pipe, 0o600) == 0)
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/bin/cat")
    reader.arguments = [pipe]
    let received = Pipe()
    reader.standardOutput = received
    try reader.run()
    #expect(try daemon.run("camera", "latest", "--output", pipe).status == 0)
    let bytes = try received.fileHandleForReading.readToEnd()
    reader.waitUntilExit()
    #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: target)))
    var status = stat()
    #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }
}
