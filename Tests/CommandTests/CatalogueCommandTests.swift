import BenchTestKit
import Calibration
import Catalogues
import Diffusion
import Foundation
import Recipes
import Testing
import Training

/// What commands say of names comes from the catalogues: there is no second list that could forget one.
@Suite("Names on the command line")
struct CatalogueCommandTests {
  private static let options: [(command: String, names: [Declaration], isListed: Bool)] = [
    ("generate", SamplerCatalogue.standard.declarations, true), ("train", TrainerCatalogue.standard.declarations, true),
    ("calibrate", RoutineCatalogue.standard.declarations, true),
    // These are completed together with files, while the shell asks.
    ("train", RecipeCatalogue.standard.declarations, false),
  ]

  @Test("help says every name and what it means, and completions have every name")
  func everyName() throws {
    let script = try Program.run(["--generate-completion-script", "bash"])
    for (command, declarations, isListed) in Self.options {
      let help = try Program.run([command, "--help"])
      let words = Self.words(of: help)
      for declaration in declarations {
        #expect(words.contains("\(declaration.name): \(declaration.summary)"), "\(command): \(declaration.name)")
        if isListed { #expect(Self.words(of: script).contains(declaration.name), "\(command): \(declaration.name)") }
      }
    }
  }

  /// Without the places where lines are broken.
  private static func words(of program: Program) -> String {
    String(decoding: program.output, as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
  }

  @Test("a name that there is not is refused before anything is started, with the nearest one")
  func nearest() throws {
    let runs: [([String], String)] = [
      (["train", "--mode", "onlin", "--bench", "simulated", "--output", "d"], "did you mean online?"),
      (["train", "--recipe", "papr", "--bench", "simulated", "--output", "d"], "did you mean paper?"),
      (
        ["generate", "--model", "m", "--on", "twin", "--sampler", "ddin", "--output", "d.npy"], "did you mean ddim?"
      ),
      (
        ["generate", "--model", "m", "--on", "twin", "--steps", "0", "--output", "d.npy"], "steps: 0 is not in 1…100000"
      ),
    ]
    for (arguments, words) in runs {
      let program = try Program.run(arguments)
      #expect(program.status == 64 && program.errors.contains(words), "\(program.errors)")
    }
  }

  @Test("a daemon tells of everything that it was built with, each group with its members")
  func kinds() throws {
    let daemon = try RunningDaemon()
    let groups = try daemon.json("kinds")
    let expected: [String: [String]] = [
      "samplers": SamplerCatalogue.standard.names, "trainers": TrainerCatalogue.standard.names,
      "objectives": ObjectiveCatalogue.standard.names, "readouts": ReadoutCatalogue.standard.names,
      "routines": RoutineCatalogue.standard.names, "recipes": RecipeCatalogue.standard.names,
      "jobs": ["calibrate", "train", "generate", "compare", "measure"],
    ]
    for (group, names) in expected {
      #expect((groups[group] as? [[String: Any]])?.compactMap { $0["name"] as? String } == names, "\(group)")
    }
    #expect(Set(groups.keys) == Set(expected.keys).union(["datasets", "drivers"]))
    let generate = String(decoding: try daemon.run("kinds", "generate").output, as: UTF8.self)
    #expect(generate.hasPrefix("generate (jobs): ") && generate.contains("1…65536"), "\(generate)")
    let none = try daemon.run("kinds", "sampler")
    #expect(none.status == 1 && none.errors.contains("samplers"))
  }
}
