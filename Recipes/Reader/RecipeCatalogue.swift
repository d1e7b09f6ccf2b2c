import Catalogues
import Training

/// The recipes that come with odu, read from the files beside this folder, which are part of the programs.
public enum RecipeCatalogue {
  public static let standard = Catalogue(
    "recipe", [PackageResources.recognisable_yaml, PackageResources.paper_yaml].map(embedded)
  ) {
    Declaration($0.name, $0.summary)
  }

  /// The name of the recipe that holds when none is named.
  public static let usual = "recognisable"

  private static func embedded(_ bytes: [UInt8]) -> Recipe {
    do {
      return try RecipeFile.read(String(decoding: bytes, as: UTF8.self), path: "an embedded recipe")
    } catch {
      preconditionFailure("an embedded recipe is wrong: \(error)")
    }
  }
}

extension Catalogue<Recipe> {
  /// The recipe that a client asks for: by its name, or by the text of a recipe file, which has more than one line.
  ///
  /// - Throws: `UnknownName`, and what ``RecipeFile/read(_:path:catalogues:)`` does.
  public func recipe(_ nameOrText: String, catalogues: TrainingCatalogues = .standard) throws -> Recipe {
    guard nameOrText.contains(where: \.isNewline) else { return try member(named: nameOrText) }
    return try RecipeFile.read(nameOrText, path: "recipe", catalogues: catalogues)
  }
}
