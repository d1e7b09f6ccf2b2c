import Catalogues
import Foundation
import Recipes
import StrictYAML
import Testing
import Training
import Twin

/// That the files of recipes say what the programs do, and that a file with a mistake is refused at its place.
@Suite struct RecipeTests {
  private func text(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return try String(
      contentsOf: folder.appendingPathComponent("../../Recipes/\(name).yaml").standardizedFileURL, encoding: .utf8)
  }

  @Test("recognisable is what version 0.1 did, number by number")
  func recognisable() throws {
    var expected = Recipe(edges: [0, 100, 160, 230, 300, 380, 460, 550, 680, 1000])
    var recipe = try RecipeCatalogue.standard.member(named: "recognisable")
    // Steps of each set, as they were computed from the middles of the sets.
    #expect(recipe.steps(of: recipe.stages[0]) == expected.steps(of: expected.stages[0]))
    #expect(recipe.shares == Recipe.usualShares(edges: expected.edges))
    (expected.name, expected.summary, expected.sampling.lastStep) = (recipe.name, recipe.summary, 101)
    #expect(recipe == expected)
    // The last step is that of the cleanest trained set.
    recipe.sampling.lastStep = nil
    let model = DenoisingModel(
      recipe: recipe, mean: [0], imageSize: 1, dataset: "", parameters: .init(nominalFor: Self.geometry))
    #expect(model.endStep == 1000, "nothing is trained yet")
  }

  private static let geometry = GeometryDescription(
    kind: .cavity, wavelength: 850e-9, pitch: 8e-6, grid: 32, layers: 2, distance: 10e-3, padding: 1)

  @Test("the paper's recipe has its choices, and trains all sets")
  func paper() throws {
    let recipe = try RecipeCatalogue.standard.member(named: "paper")
    #expect((recipe.objective, recipe.readout) == ("noise", "zScore"))
    #expect(recipe.edges == Array(stride(from: 0, through: 1000, by: 100)) && recipe.sets.count == 10)
    #expect(recipe.phaseRate == 0.006 && recipe.sampling.sampler == "ddpm" && recipe.sampling.contrast == nil)
  }

  @Test("names and files are in agreement, and a recipe survives the files of models")
  func catalogue() throws {
    #expect(RecipeCatalogue.standard.names == ["recognisable", "paper"])
    for recipe in RecipeCatalogue.standard.members {
      #expect(try RecipeFile.read(text(recipe.name), path: "x") == recipe)
      #expect(try RecipeCatalogue.standard.recipe(text(recipe.name)) == recipe)
      #expect(try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe)) == recipe)
    }
    let unknown = #expect(throws: UnknownName.self) { try RecipeCatalogue.standard.recipe("recognizable") }
    #expect(unknown?.description.contains("did you mean recognisable?") == true)
  }

  @Test("a key that is left out is missed by its name")
  func everyKey() throws {
    let lines = try text("recognisable").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let optional = ["phaseRate", "options", "images", "steps", "lastStep", "clip", "contrast"]
    for index in lines.indices {
      guard let match = lines[index].firstMatch(of: /^(  |    )?([a-zA-Z0-9]+): ./) else { continue }
      let key = String(match.2)
      // In stages and sampling some may be left out.
      if index > 36, optional.contains(key) { continue }
      let shortened = (lines[..<index] + lines[(index + 1)...]).joined(separator: "\n")
      let error = #expect(throws: ReadingError.self, "without \(key)") {
        try RecipeFile.read(shortened, path: "r.yaml")
      }
      #expect(error?.description.contains("\(key): this key is missing") == true, "\(String(describing: error))")
    }
  }

  @Test(
    "a mistake is told with its place and what would be right",
    arguments: [
      ("objective: saturatingImage", "objective: saturatedImage", "did you mean saturatingImage?"),
      ("trainer: online", "trainer: spsa", "there is no trainer \"spsa\""),
      ("refinementRate: 0.05", "refinmentRate: 0.05", "did you mean `refinementRate`?"),
      ("refinementRate: 0.05", "refinementRate: 50", "50 is out of range"),
      ("sampler: ddim", "sampler: plms", "there are ddim, ddpm, dpmpp"),
      ("    steps: 6", "    steps: 6\n    images: 9", "either images or steps"),
      ("  batch: 32", "  batch: 32.5", "expected a whole number"),
      ("shares: [0.4, 0.9,", "shares: [0.4,", "9 shares"),
      ("460, 550, 680, 1000]", "460, 550, 680, 900]", "edges up to step 1000"),
      ("first: 1e-4", "offset: 0.008", "a linear schedule has no such key"),
      ("warm: true", "warm: true\n  cold: false", "unknown key"),
    ])
  func mistakes(old: String, new: String, message: String) throws {
    let whole = try text("recognisable")
    let changed = whole.replacingOccurrences(of: old, with: new)
    #expect(changed != whole)
    let error = #expect(throws: ReadingError.self) { try RecipeFile.read(changed, path: "r.yaml") }
    #expect(error?.description.contains("r.yaml:") == true)
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
