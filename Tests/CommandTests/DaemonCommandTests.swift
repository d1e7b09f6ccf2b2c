import Arrays
import BenchTestKit
import Files
import Foundation
import Testing

@Suite("Commands of a daemon")
struct DaemonCommandTests {
  @Test("cal shows, compares and rolls back what calibrate found")
  func calibrations() throws {
    let daemon = try RunningDaemon()
    #expect(try daemon.run("cal", "show").status == 1)
    for seed in ["1", "2"] {
      let found = try daemon.json("calibrate", "twin", "--seed", seed)
      let shown = try daemon.json("cal", "show")
      #expect(try values(shown) == values(found))
    }
    let (first, second) = (try daemon.json("cal", "show", "0001"), try daemon.json("cal", "show", "0002"))
    #expect(first["inForce"] as? Bool == false && second["inForce"] as? Bool == true)

    let difference = try daemon.json("cal", "diff", "0001", "0002")
    for parameter in try #require(difference["parameters"] as? [[String: Any]]) {
      let name = try #require(parameter["name"] as? String)
      let expected = try #require(values(second)[name]) - #require(values(first)[name])
      let found = try #require(parameter["difference"] as? Double)
      // What is shown was rounded once more on its way.
      #expect(abs(found - expected) <= 1e-9 * abs(expected), "\(name)")
    }

    #expect(try daemon.json("cal", "rollback")["id"] as? String == "0001")
    #expect(try daemon.json("cal", "show")["id"] as? String == "0001")
    let further = try daemon.run("cal", "rollback")
    #expect(further.status == 1 && further.errorLines.count == 1)
    #expect(try daemon.json("cal", "rollback", "0002")["inForce"] as? Bool == true)
  }

  private func values(_ answer: [String: Any], _ member: String = "value") throws -> [String: Double] {
    let parameters = try #require(answer["parameters"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: parameters.compactMap { parameter in
        guard let name = parameter["name"] as? String, let value = parameter[member] as? Double else { return nil }
        return (name, value)
      })
  }

  @Test("slm shown writes the pattern that slm show showed, and the safe one after slm blank")
  func shown() throws {
    let daemon = try RunningDaemon()
    let panel = try #require((try daemon.json("devices")["devices"] as? [[String: Any]])?.first)
    let (width, height) = (try #require(panel["width"] as? Int), try #require(panel["height"] as? Int))
    let levels = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let (file, copy) = (daemon.folder.file("pattern.npy"), daemon.folder.file("copy.npy"))
    try NPY.write(NPYArray(shape: [height, width], elements: .uint8(levels)), to: file)
    #expect(try daemon.run("slm", "show", file).status == 0)
    _ = try daemon.json("slm", "shown", "--output", copy)
    #expect(try NPY.read(copy).elements == NPY.read(file).elements)
    #expect(try daemon.run("slm", "blank").status == 0)
    _ = try daemon.json("slm", "shown", "--output", copy)
    #expect(try NPY.read(copy).elements != NPY.read(file).elements)
  }

  @Test("camera histogram counts the pixels of the frame that camera latest writes")
  func histogram() throws {
    let daemon = try RunningDaemon()
    let early = try daemon.run("camera", "latest", "--output", daemon.folder.file("early.npy"))
    #expect(early.status == 1 && early.errorLines.count == 1)
    let (taken, latest) = (daemon.folder.file("taken.npy"), daemon.folder.file("latest.npy"))
    _ = try daemon.json("camera", "grab", "--output", taken)
    _ = try daemon.json("camera", "latest", "--output", latest)
    #expect(try NPY.read(latest).elements == NPY.read(taken).elements)
    let histogram = try daemon.json("camera", "histogram")
    guard case .uint16(let pixels) = try NPY.read(taken).elements else {
      Issue.record("the frame has no 16-bit pixels")
      return
    }
    #expect((histogram["bins"] as? [Int])?.reduce(0, +) == pixels.count)
    #expect(histogram["largest"] as? Int == pixels.max().map(Int.init))
  }

  @Test("camera live writes as many different frames as were asked for")
  func live() throws {
    let daemon = try RunningDaemon()
    let folder = daemon.folder.file("frames")
    let answer = try daemon.json("camera", "live", "--output", folder, "--count", "3", "--rate", "30")
    let files = try #require(answer["files"] as? [String])
    #expect(Set(files).count == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == files)
    for file in files { #expect(try NPY.read(folder + "/" + file).shape.count == 2) }
  }

  @Test("lease keeps others from the bench, lets the command use it, and passes its exit status on")
  func lease() throws {
    let daemon = try RunningDaemon()
    let program = Program.url(of: "odu-ctl").path
    let frame = daemon.folder.file("frame.npy")
    let own = try daemon.run("lease", "--", program, "camera", "grab", "--output", frame)
    #expect(own.status == 0, "\(own.errors)")
    #expect(FileManager.default.fileExists(atPath: frame))
    let others = try daemon.run("lease", "--", "/usr/bin/env", "-u", "ODU_LEASE", program, "camera", "grab")
    #expect(others.status == 1)
    #expect(others.errors.contains("lease"))
    let answer = try daemon.run("lease", "--json", "--", "sh", "-c", "echo words; exit 7")
    #expect(answer.status == 7)
    #expect((try answer.json() as? [String: Int])?["status"] == 7)
    #expect(answer.errors == "words\n")
    #expect(try daemon.run("lease", "--", "sh", "-c", "kill -TERM $$").status == 128 + SIGTERM)
  }

  @Test("a signal that odu-ctl gets alone reaches the command of a lease", arguments: [SIGINT, SIGQUIT, SIGTERM])
  func leaseSignals(number: Int32) throws {
    let daemon = try RunningDaemon()
    let script = "trap 'exit 9' INT QUIT TERM; echo held; while :; do sleep 0.1; done"
    let lease = try RunningProgram(["lease", "--", "sh", "-c", script], socket: daemon.socket)
    #expect(lease.words == "held\n")
    #expect(lease.end(with: number) == 9)
  }

  @Test("under nohup, a terminal that hangs up ends neither odu-ctl nor the command of a lease")
  func outlivesTerminal() throws {
    let daemon = try RunningDaemon()
    let script = "trap 'exit 9' TERM; echo held; kill -HUP $$; while :; do sleep 0.1; done"
    let lease = try RunningProgram(
      ["lease", "--", "sh", "-c", script], socket: daemon.socket, outlivesTerminal: true)
    #expect(lease.words == "held\n")
    lease.send(SIGHUP)
    #expect(lease.end(with: SIGTERM) == 9)
  }

  @Test("what a calibration recorded is fitted again by twin fit, with the same result but for rounding")
  func fittedAgain() throws {
    let daemon = try RunningDaemon()
    let found = try daemon.json("calibrate", "twin")
    let run = daemon.folder.file("s/runs/0001-calibrate")
    let fitted = try daemon.json("twin", "fit", "--bench", daemon.bench, "--measurements", run, "--threads", "2")
    // Frames of this seed saturate, so that the recorded image is dimmed, and the calibration computed with one that was not. The
    // derivatives of both are rounded to single precision.
    let deviations = try values(found, "standardDeviation")
    let (expected, again) = (try values(found), try values(fitted))
    #expect(again.keys == expected.keys && expected.count == 5)
    for (name, value) in expected {
      let deviation = try #require(deviations[name])
      #expect(try abs(#require(again[name]) - value) < 1e-3 * deviation, "\(name)")
    }
    let (ratio, same) = (try #require(found["noiseRatio"] as? Double), try #require(fitted["noiseRatio"] as? Double))
    #expect(abs(same - ratio) < 1e-9 * ratio)
  }

  @Test(
    "calibrate twin prints what was found: every parameter with its uncertainty, and the discrepancy before and after")
  func calibrationText() throws {
    let daemon = try RunningDaemon()
    let program = try daemon.run("calibrate", "twin")
    #expect(program.status == 0, "\(program.errors)")
    let text = String(decoding: program.output, as: UTF8.self)
    let found = try daemon.json("cal", "show")
    let parameters = try #require(found["parameters"] as? [[String: Any]])
    #expect(!parameters.isEmpty)
    for parameter in parameters {
      let name = try #require(parameter["name"] as? String)
      let value = try #require(parameter["value"] as? Double)
      let line = try #require(
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }, "\(name) is not in \(text)")
      #expect(line.contains(String(format: "%.5g", value)) && line.contains("±"))
    }
    let after = try #require(found["discrepancyAfter"] as? Double)
    #expect(text.contains(String(format: "%.5g", after) + " after"))
    // Its stages take unequally long: it counts work, which has a time left, and no rate.
    let fit = program.errorLines.filter { $0.hasPrefix("fit: ") }
    #expect(fit.contains { $0.contains(" %, ") && $0.hasSuffix(" left") }, "\(fit)")
    #expect(!fit.contains { $0.contains("/s") })

    // What is in force, and what it builds on: as text, as data, and drawn.
    let id = try #require(found["id"] as? String)
    let folder = try TemporaryFolder()
    let graph = try daemon.run("cal", "graph", "--output", folder.file("graph.svg"))
    let rows = String(decoding: graph.output, as: UTF8.self).split(separator: "\n")
    #expect(rows.contains { $0.hasPrefix("twin ") && $0.contains(id) && $0.hasSuffix("in force") }, "\(rows)")
    #expect(rows.contains { $0.hasPrefix("camera ") && $0.hasSuffix("not calibrated") })
    let drawing = try String(contentsOfFile: folder.file("graph.svg"), encoding: .utf8)
    #expect(drawing.hasPrefix("<svg ") && drawing.contains(">\(id)<"))
    let nodes = try #require(try daemon.json("cal", "graph")["nodes"] as? [[String: Any]])
    #expect(nodes.contains { $0["id"] as? String == id && ($0["parents"] as? [String]) == [] })
  }

  @Test("a command that waits for a job outlives the daemon's death and ends with what became of the job")
  func restart() throws {
    let folder = try TemporaryFolder()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let bench = root.appendingPathComponent("Calibration/Profiles/simulated.yaml").path
    let socket = folder.file("s.sock")
    func start() throws -> Process {
      let process = Process()
      process.executableURL = Program.url(of: "odud")
      process.arguments = ["--bench", bench, "--state", folder.file("s"), "--socket", socket, "--threads", "2"]
      process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no"]
      process.standardInput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      while process.isRunning, try Program.run(["status", "--socket", socket, "--json"]).status != 0 {}
      try #require(process.isRunning)
      return process
    }
    let first = try start()
    let command = Process()
    let (output, errors) = (Pipe(), Pipe())
    command.executableURL = Program.url(of: "odu-ctl")
    command.arguments = ["calibrate", "twin", "--json", "--socket", socket]
    (command.standardOutput, command.standardError) = (output, errors)
    try command.run()
    var words = ""
    while !words.contains("acquire") {
      let data = errors.fileHandleForReading.availableData
      try #require(!data.isEmpty)
      words += String(decoding: data, as: UTF8.self)
    }
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    let second = try start()
    defer {
      second.terminate()
      second.waitUntilExit()
    }
    words += String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let document = output.fileHandleForReading.readDataToEndOfFile()
    command.waitUntilExit()
    #expect(command.terminationStatus == 0, "\(words)")
    #expect(words.contains("waiting for it to come back") && words.contains("the daemon is back"))
    let result = try JSONSerialization.jsonObject(with: document) as? [String: Any]
    #expect((result?["parameters"] as? [Any])?.isEmpty == false)
  }

  @Test("reload refuses a wrong file, keeps the former, and takes it again when it is right")
  func reload() throws {
    let daemon = try RunningDaemon()
    let right = try String(contentsOfFile: daemon.bench, encoding: .utf8)
    try (right + "\nnonsense: 1\n").write(toFile: daemon.bench, atomically: true, encoding: .utf8)
    let refused = try daemon.run("reload", "--json")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("nonsense"))
    #expect((try refused.json() as? [String: Any])?["text"] as? String == right)
    try right.write(toFile: daemon.bench, atomically: true, encoding: .utf8)
    #expect(try daemon.json("reload")["problem"] == nil)
  }

  @Test("a job that waits for another can be paused, resumed and cancelled")
  func jobs() throws {
    let daemon = try RunningDaemon()
    let page = try OpenPage(socket: daemon.socket)
    // The first job waits for the bench, the second for the first.
    let command = ["sh", "-c", "echo held; exec sleep 60"]
    let lease = try RunningProgram(["lease", "--"] + command, socket: daemon.socket)
    #expect(lease.words == "held\n")
    for _ in 1...2 {
      let fields = ["Authorization: Bearer \(page.token)"]
      #expect(try page.send("POST", "/v1/jobs", fields, body: #"{"kind": "calibrate"}"#).status == 202)
    }
    for (command, state) in [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")] {
      #expect(try daemon.json("jobs", command, "0002-calibrate")["state"] as? String == state)
    }
    let jobs = try #require(try daemon.json("jobs")["jobs"] as? [[String: Any]])
    #expect(jobs.map { $0["id"] as? String } == ["0001-calibrate", "0002-calibrate"])
    #expect(lease.end(with: SIGTERM) == 128 + SIGTERM)
  }

  @Test("runs lists what a job left, and removes it; what has ended cannot be paused")
  func runs() throws {
    let daemon = try RunningDaemon()
    _ = try daemon.json("calibrate", "twin")
    let runs = try #require(try daemon.json("runs")["runs"] as? [[String: Any]])
    #expect(runs.map { $0["id"] as? String } == ["0001-calibrate"])
    #expect((runs[0]["files"] as? [String])?.contains("calibration.json") == true)
    try daemon.requireReport()
    for command in ["pause", "resume", "cancel"] {
      let late = try daemon.run("jobs", command, "0001-calibrate")
      #expect(late.status == 1 && late.errorLines.count == 1, "\(command): \(late.errors)")
    }
    #expect(try daemon.json("runs", "remove", "0001-calibrate")["removed"] as? String == "0001-calibrate")
    #expect(try daemon.run("runs", "show", "0001-calibrate").status == 1)
  }

  @Test("metrics agree with status, as text and as JSON")
  func metrics() throws {
    let daemon = try RunningDaemon()
    let values = try #require(try daemon.json("metrics")["metrics"] as? [String: Double])
    #expect(values["odu_bench_ready"] == 1)
    let frames = try #require(try daemon.json("status")["frames"] as? [String: Int])
    for (verdict, count) in frames { #expect(values["odu_frames_total{verdict=\"\(verdict)\"}"] == Double(count)) }
    let text = String(decoding: try daemon.run("metrics").output, as: UTF8.self)
    #expect(text.contains("# TYPE odu_frames_total counter\n"))
  }

  @Test("job names complete in the shell, and without a daemon nothing does")
  func completion() throws {
    let daemon = try RunningDaemon()
    _ = try daemon.json("calibrate", "twin")
    let words = ["---completion", "jobs", "show", "--", "positional@0", "0", "0", ""]
    let variables = ["SAP_SHELL": "bash", "SAP_SHELL_VERSION": "5"]
    let known = try Program.run(words, environment: variables.merging(["ODU_SOCKET": daemon.socket]) { $1 })
    #expect(String(decoding: known.output, as: UTF8.self).contains("0001-calibrate"), "\(known.errors)")
    let nobody = try Program.run(words, environment: variables.merging(["ODU_SOCKET": daemon.socket + "-"]) { $1 })
    #expect(!String(decoding: nobody.output, as: UTF8.self).contains("0001"))
  }
}
