import Catalogues
import StrictYAML
import Training

/// A recipe as a YAML file that holds everything that decides a model and its sampling.
public enum RecipeFile {
  /// Reads a recipe.
  ///
  /// - Throws: `ReadingError`, which names file, line, column and key of every mistake.
  public static func load(_ path: String, catalogues: TrainingCatalogues = .standard) throws -> Recipe {
    try read(StrictFile(contentsOf: path, kind: "a recipe"), catalogues)
  }

  /// Reads a recipe from YAML text; `path` is only used in messages.
  public static func read(
    _ text: String, path: String, catalogues: TrainingCatalogues = .standard
  ) throws -> Recipe {
    try read(StrictFile(text, path: path), catalogues)
  }

  private static func read(_ file: StrictFile, _ catalogues: TrainingCatalogues) throws -> Recipe {
    let schema = RecipeSchema(catalogues).whole
    return try file.read(keys: schema.names) { section in
      guard let recipe = schema.read(section) else { return nil }
      do {
        try recipe.checked(catalogues)
        return recipe
      } catch {
        section.reject("", "\(error)")
        return nil
      }
    }
  }
}
