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
      ["evaluate", "--samples", "s.npy"], ["doctor", "--json"],
    ])
  func notYet(arguments: [String]) throws {
    let program = try Program.run(arguments)
    #expect(program.status == 64)
    #expect(program.output.isEmpty)
    #expect(program.errors.hasPrefix("odu-ctl: \(arguments[0]): "))
    #expect(program.errorLines.count == 1)
  }

  @Test(
    "says in one line that no daemon answers, and exits 1",
    arguments: [
      ["status"], ["jobs"], ["jobs", "show", "x"], ["jobs", "pause", "x"], ["calibrate"], ["slm", "blank"],
      ["slm", "shown"], ["camera", "grab"], ["camera", "histogram"], ["cal"], ["cal", "rollback"], ["models"], ["runs"],
      ["runs", "remove", "x"], ["reload"], ["metrics"], ["open"],
    ])
  func noDaemon(arguments: [String]) throws {
    let folder = try Folder()
    let program = try Program.run(arguments + ["--json", "--socket", folder.file("none.sock")])
    #expect(program.status == 1)
    #expect(program.output.isEmpty)
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
    let folder = try Folder()
    let path = try folder.write("precious", as: "file") + "/below"
    let program = try Program.run(arguments + [path, "--json"])
    #expect(program.status == 1)
    #expect(program.output.isEmpty)
    #expect(program.errors == "odu-ctl: \(path): cannot be written: Not a directory; nothing was changed\n")
  }

  @Test("demo refuses images that it cannot load before it starts anything")
  func dataset() throws {
    let folder = try Folder()
    let program = try Program.run(["demo", "--dataset", "mnist:\(folder.path)", "--output", folder.file("report")])
    #expect(program.status == 1)
    #expect(program.errorLines.count == 1)
    #expect(program.errors.contains("\(folder.path)/train-images-idx3-ubyte"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("report")))
  }

  @Test("looks for the daemon where ODU_SOCKET says, unless an option does", arguments: [false, true])
  func socket(isGiven: Bool) throws {
    let folder = try Folder()
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
    let folder = try Folder()
    let program = try Program.run(["bench", "validate", try folder.write(good, as: "b.yaml"), "--json"])
    #expect(program.status == 0)
    #expect(program.errors.isEmpty)
    let verdict = try #require(try program.json() as? [String: Any])
    #expect(verdict["valid"] as? Bool == true)
  }

  @Test("validate names file, line and key of a unit mistake and exits 1")
  func invalid() throws {
    let folder = try Folder()
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
    let folder = try Folder()
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
    let table = try #require(try program.json() as? [String: [Double]])
    let alphaBar = try #require(table["alphaBar"])
    #expect(alphaBar.count == 1000)
    #expect(abs(alphaBar[499] / 0.07858724288 - 1) < 1e-9)
    #expect(abs(alphaBar[999] / 4.035829765e-5 - 1) < 1e-9)
    #expect(abs(try #require(table["beta"])[0] - 1e-4) < 1e-15)
    #expect(abs(try #require(table["lnSNR"])[99] - 2.16452) < 1e-5)
  }

  @Test("energy reproduces the paper's numbers and takes other assumptions")
  func energy() throws {
    let paper = try #require(try Program.run(["diffusion", "energy", "--json"]).json() as? [String: Any])
    #expect(abs(try #require(paper["laboratoryEnergyPerImage"] as? Double) - 0.2304) < 1e-4)
    #expect(abs(try #require(paper["projectedEnergyPerImage"] as? Double) - 15.35e-3) < 1e-5)
    let folder = try Folder()
    let path = try folder.write(#"{"laboratoryPower": 10.6}"#, as: "a.json")
    let changed = try Program.run(["diffusion", "energy", "--assumptions", path, "--json"]).json() as? [String: Any]
    #expect(abs(try #require(changed?["laboratoryEnergyPerImage"] as? Double) - 0.4608) < 2e-4)
  }

  @Test("energy refuses an assumption that it does not know")
  func unknownAssumption() throws {
    let folder = try Folder()
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
    let folder = try Folder()
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
