import BenchTestKit
import Foundation
import Testing

@Suite("The command line")
struct SurfaceTests {
  @Test(
    "exits 64 on usage errors, with nothing on standard output",
    arguments: [
      ["frobnicate"], ["bench", "validate"], ["diffusion", "schedule", "--steps", "0"],
      ["diffusion", "schedule", "--kind", "quadratic"], ["optics", "propagate", "--input", "x.npy"],
      ["train", "--mode", "spsa", "--bench", "simulated", "--output", "d"],
      ["train", "--mode", "offline", "--output", "d"],
      ["demo", "--dataset", "cifar"], ["demo", "--classes", "1,x"], ["camera", "grab", "--output", "frame.jpg"],
      ["demo", "--threads", "0"], ["train", "--mode", "pat", "--bench", "b", "--output", "d", "--threads", "0"],
      ["twin", "forward", "--bench", "b", "--layers", "l", "--input", "x", "--output", "y", "--threads", "2000"],
      ["camera", "latest", "--output", "frame.tiff"], ["camera", "live", "--output", "d", "--rate", "31"],
      ["camera", "live", "--output", "d", "--count", "0"], ["slm", "shown", "--output", "pattern"],
      ["cal", "diff", "0001"], ["runs", "list", "--limit", "0"], ["runs", "remove"], ["models", "fetch"],
      ["lease"], ["lease", "--seconds", "0", "--", "true"], ["open", "--url", "file:///etc/passwd"],
    ])
  func usage(arguments: [String]) throws {
    let program = try Program.run(arguments)
    #expect(program.status == 64)
    #expect(program.output.isEmpty)
    #expect(!program.errors.isEmpty)
  }

  @Test(
    "says of a command that does not exist yet that it does not, and exits 64",
    arguments: [
      ["evaluate", "--samples", "s.npy"]
    ])
  func notYet(arguments: [String]) throws {
    let program = try Program.run(arguments)
    #expect(program.status == 64)
    if arguments.contains("--json") {
      #expect(try program.failure().code == "usage")
    } else {
      #expect(program.output.isEmpty)
    }
    #expect(program.errors.hasPrefix("odu-ctl: \(arguments[0]): "))
    #expect(program.errorLines.count == 1)
  }

  @Test(
    "with --json a failure is one document with code and message, whatever failed",
    arguments: [
      (["frobnicate", "--json"], "usage", 64), (["diffusion", "schedule", "--steps", "0", "--json"], "usage", 64),
      (["bench", "validate", "nowhere.yaml", "--json"], "bench-file", 1),
      (["diffusion", "energy", "--assumptions", "nowhere.json", "--json"], "file", 1),
      (["status", "--json", "--socket", "nowhere.sock"], "unreachable", 1),
      (["twin", "measure", "--bench", "paper-mplc", "--output", "frames", "--json"], "daemon", 1),
    ])
  func failures(arguments: [String], code: String, status: Int) throws {
    let program = try Program.run(arguments)
    #expect(Int(program.status) == status)
    let failure = try program.failure()
    #expect(failure.code == code)
    #expect(!failure.message.isEmpty && program.errors.contains(failure.message))
  }

  @Test(
    "of a word that is no command it is said that it is none, whatever else is wrong",
    arguments: [
      ["nosuch", "--json"], ["cal", "nosuch", "--json"], ["camera", "nosuch"], ["jobs", "nosuch", "--what"],
    ])
  func unknownCommand(arguments: [String]) throws {
    let program = try Program.run(arguments)
    #expect(program.status == 64)
    #expect(program.errors.hasPrefix("Error: There is no command 'nosuch'"))
  }

  @Test("a name that is not UTF-8 is refused as such, and nothing is written under another")
  func foreignName() throws {
    let folder = try TemporaryFolder()
    let script = "cd \(folder.path) && exec \(Program.url(of: "odu-ctl").path) \"$@\" \"$(printf 'f\\377.yaml')\""
    for command in [["bench", "validate"], ["twin", "measure", "--bench", "simulated", "--output"]] {
      let program = try Program.run(["sh", "-c", script, "sh"] + command, at: "/usr/bin/env")
      #expect(program.status == 64)
      #expect(program.errors.contains("UTF-8"))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("the daemon is looked for in the home folder that HOME names")
  func home() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["status"], environment: ["HOME": folder.path])
    #expect(program.status == 1)
    #expect(program.errors.contains(folder.path + "/.local/state/odu/odud.sock"))
  }

  @Test(
    "a unit mistake in an option is noticed as it is in a bench file, before any file is read",
    arguments: [
      ("--pitch", "8", "8e-6"), ("--pitch", "8um", "8e-6"), ("--pitch", "8 \u{B5}m", "8e-6"),
      ("--wavelength", "850", "850e-9"), ("--wavelength", "850nm", "850e-9"), ("--distance", "20", "20e-3"),
      ("--distance", "-20", "-20e-3"), ("--distance", "2cm", "2e-2"), ("--distance", "nan", "finite"),
      ("--pitch", "-8e-6", "1e-7 to 0.001"), ("--pitch", "8 apples", "expected a number"),
    ])
  func units(option: String, value: String, says: String) throws {
    var options = ["--pitch": "8e-6", "--wavelength": "850e-9", "--distance": "0.02"]
    options[option] = value
    // The value is joined to its option, so that a sign in front is none of the parser's concern.
    let program = try Program.run(
      ["optics", "propagate", "--input", "none.npy", "--output", "out.npy"] + options.map { "\($0)=\($1)" })
    #expect(program.status == 64)
    #expect(program.errors.contains(says), "\(program.errors)")
  }

  @Test(
    "says in one line that no daemon answers, and exits 1",
    arguments: [
      ["status"], ["jobs"], ["jobs", "show", "x"], ["jobs", "pause", "x"], ["calibrate"], ["slm", "blank"],
      ["slm", "shown"], ["camera", "grab"], ["camera", "histogram"], ["cal"], ["cal", "rollback"], ["models"], ["runs"],
      ["runs", "remove", "x"], ["reload"], ["metrics"], ["open"],
    ])
  func noDaemon(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(arguments + ["--json", "--socket", folder.file("none.sock")])
    #expect(program.status == 1)
    #expect(try program.failure().code == "unreachable")
    #expect(program.errorLines.count == 1)
    #expect(program.errors.contains(folder.file("none.sock")))
  }

  @Test(
    "refuses in one line, before it starts, what it could not write",
    arguments: [
      ["train", "--mode", "offline", "--bench", "simulated", "--output"], ["demo", "--quick", "--output"],
      ["generate", "--model", "m", "--on", "twin", "--output"],
    ])
  func unwritable(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("precious", as: "file") + "/below"
    let program = try Program.run(arguments + [path, "--json"])
    #expect(program.status == 1)
    #expect(try program.failure().code == "file")
    #expect(program.errors == "odu-ctl: \(path): cannot be written: Not a directory; nothing was changed\n")
  }

  @Test("demo refuses images that it cannot load before it starts anything")
  func dataset() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["demo", "--dataset", "mnist:\(folder.path)", "--output", folder.file("report")])
    #expect(program.status == 1)
    #expect(program.errorLines.count == 1)
    #expect(program.errors.contains("\(folder.path)/train-images-idx3-ubyte"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("report")))
  }

  @Test("looks for the daemon where ODU_SOCKET says, unless an option does", arguments: [false, true])
  func socket(isGiven: Bool) throws {
    let folder = try TemporaryFolder()
    let (variable, option) = (folder.file("variable.sock"), folder.file("option.sock"))
    let program = try Program.run(
      ["status"] + (isGiven ? ["--socket", option] : []), environment: ["ODU_SOCKET": variable])
    #expect(program.status == 1)
    #expect(program.errors.contains(isGiven ? option : variable))
    #expect(!program.errors.contains(isGiven ? variable : option))
  }

  @Test("refuses a lease within a lease, which would wait for its own end")
  func nestedLease() throws {
    let program = try Program.run(["lease", "--", "true"], environment: ["ODU_LEASE": "token"])
    #expect(program.status == 1)
    #expect(program.errors.contains("ODU_LEASE"))
  }

  @Test("writes completions that know the commands", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let program = try Program.run(["--generate-completion-script", shell])
    #expect(program.status == 0)
    let script = String(decoding: program.output, as: UTF8.self)
    for word in ["rollback", "histogram", "lease", "resume"] { #expect(script.contains(word), "\(word)") }
  }

  @Test("gives help for every command")
  func help() throws {
    let commands = [
      "optics propagate", "twin gradient", "bench validate", "train", "generate", "demo", "measure", "camera live",
      "slm shown", "cal rollback", "jobs pause", "runs remove", "models fetch", "reload", "metrics", "lease", "open",
    ]
    for command in commands {
      let program = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
      #expect(program.status == 0)
      #expect(String(decoding: program.output, as: UTF8.self).contains("--json"), "\(command)")
    }
  }
}

@Suite("bench")
struct BenchCommandTests {
  private let good = """
    geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 128, layers: 4, spacing: 0.02, padding: 1}
    input: {size: 20, block: 4, encoding: amplitude}
    detector: {block: 1}
    """

  @Test("validate accepts the form that scripts write")
  func valid() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["bench", "validate", try folder.write(good, as: "b.yaml"), "--json"])
    #expect(program.status == 0)
    #expect(program.errors.isEmpty)
    let verdict = try #require(try program.json() as? [String: Any])
    #expect(verdict["valid"] as? Bool == true)
  }

  @Test("reference lists the keys of a section as a table and as JSON Schema, and the settings of a driver")
  func reference() throws {
    let table = try Program.run(["bench", "reference", "geometry", "--markdown"])
    #expect(table.status == 0)
    #expect(String(decoding: table.output, as: UTF8.self).contains("| `spacing` | m | | 1e-6 … 1 |"))
    let timing = try Program.run(["bench", "reference", "layout.timing", "--json"])
    let schema = try #require(try timing.json() as? [String: Any])
    let deadline = try #require((schema["properties"] as? [String: [String: Any]])?["deadline"])
    #expect(deadline["default"] as? Double == 1 && deadline["maximum"] as? Double == 60)
    let driver = try Program.run(["bench", "reference", "--driver", "framebuffer"])
    #expect(driver.status == 0 && String(decoding: driver.output, as: UTF8.self).contains("/proc/fb"))
    let unknown = try Program.run(["bench", "reference", "geometri"])
    #expect(unknown.status == 1 && unknown.errors.contains("did you mean geometry?"))
  }

  @Test("validate names file, line and key of a unit mistake and exits 1")
  func invalid() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(good.replacingOccurrences(of: "pitch: 8e-6", with: "pitch: 8"), as: "b.yaml")
    let program = try Program.run(["bench", "validate", path, "--json"])
    #expect(program.status == 1)
    #expect(program.errors.hasPrefix("odu-ctl: \(path):1:"))
    #expect(program.errors.contains("geometry.pitch") && program.errors.contains("8e-6"))
    let verdict = try #require(try program.json() as? [String: Any])
    #expect(verdict["valid"] as? Bool == false)
    #expect((verdict["mistakes"] as? [Any])?.count == 1)
  }

  @Test("show repeats what the file says")
  func show() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["bench", "show", try folder.write(good, as: "b.yaml"), "--json"])
    #expect(program.status == 0)
    let content = try #require(try program.json() as? [String: Any])
    let geometry = try #require(content["geometry"] as? [String: Any])
    #expect(geometry["pitch"] as? Double == 8e-6)
    #expect(geometry["bandLimit"] as? Bool == true)
  }
}

@Suite("diffusion")
struct DiffusionCommandTests {
  @Test("schedule prints the published constants of the linear schedule")
  func schedule() throws {
    let program = try Program.run(["diffusion", "schedule", "--kind", "linear", "--steps", "1000", "--json"])
    #expect(program.status == 0 && program.errors.isEmpty)
    let table = try #require(try program.json() as? [String: Any])
    let alphaBar = try #require(table["alphaBar"] as? [Double])
    #expect(alphaBar.count == 1000)
    #expect(abs(alphaBar[499] / 0.07858724288 - 1) < 1e-9)
    #expect(abs(alphaBar[999] / 4.035829765e-5 - 1) < 1e-9)
    #expect(abs(try #require(table["beta"] as? [Double])[0] - 1e-4) < 1e-15)
    #expect(abs(try #require(table["lnSNR"] as? [Double])[99] - 2.16452) < 1e-5)
    #expect((table["terminal"] as? [String: Any])?["warning"] == nil)
  }

  @Test("a schedule whose end is no noise says how much of the image is left, and one that ends in noise says nothing")
  func terminal() throws {
    let short = try Program.run(["diffusion", "schedule", "--kind", "linear", "--steps", "100", "--json"])
    let end = try #require((try short.json() as? [String: Any])?["terminal"] as? [String: Any])
    // The product of 1 - beta for beta from 1e-4 to 0.02 in 100 steps.
    var left = 1.0
    for step in 0..<100 {
      let beta: Double = 1e-4 + Double(step) * 0.0199 / 99
      left *= 1 - beta
    }
    let (found, ratio) = (try #require(end["alphaBar"] as? Double), try #require(end["signalToNoise"] as? Double))
    let expected: Double = left / (1 - left)
    #expect(abs(found - left) < 1e-9)
    #expect(abs(ratio - expected) < 1e-8)
    #expect(short.errors.contains("60 %") && (end["warning"] as? String)?.contains("60 %") == true)
    #expect(try Program.run(["diffusion", "schedule", "--kind", "cosine", "--steps", "100"]).errors.isEmpty)
  }

  @Test("energy reproduces the paper's numbers and takes other assumptions")
  func energy() throws {
    let paper = try #require(try Program.run(["diffusion", "energy", "--json"]).json() as? [String: Any])
    #expect(abs(try #require(paper["laboratoryEnergyPerImage"] as? Double) - 0.2304) < 1e-4)
    #expect(abs(try #require(paper["projectedEnergyPerImage"] as? Double) - 15.35e-3) < 1e-5)
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"laboratoryPower": 10.6}"#, as: "a.json")
    let changed = try Program.run(["diffusion", "energy", "--assumptions", path, "--json"]).json() as? [String: Any]
    #expect(abs(try #require(changed?["laboratoryEnergyPerImage"] as? Double) - 0.4608) < 2e-4)
  }

  @Test("energy refuses an assumption that it does not know")
  func unknownAssumption() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"labPower": 1}"#, as: "a.json")
    let program = try Program.run(["diffusion", "energy", "--assumptions", path])
    #expect(program.status == 1)
    #expect(program.errorLines.count == 1)
    #expect(program.errors.contains("labPower"))
  }
}

@Suite("odud")
struct DaemonProgramTests {
  @Test("a temporary daemon ends when its standard input does, and leaves neither socket nor state folder")
  func temporary() throws {
    let folder = try TemporaryFolder()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let bench = root.appendingPathComponent("Calibration/Profiles/simulated.yaml").path
    let state = folder.file("state")
    let program = try Program.run(
      ["--bench", bench, "--state", state, "--socket", state + "/odud.sock", "--temporary"], of: "odud")
    #expect(program.status == 0)
    #expect(program.errors.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: state))
  }
}
