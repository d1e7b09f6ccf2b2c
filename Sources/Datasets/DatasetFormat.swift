import Catalogues

/// A kind of place that images come from. A new one is a file in `Formats` and a line in ``DatasetFormats/standard``.
public struct DatasetFormat: Sendable {
  public let declaration: Declaration
  /// What stands behind the name and a colon, as messages say it: "FOLDER"; nil for a format that needs no place.
  public let place: String?
  let load: @Sendable (_ place: String, _ request: DatasetRequest) throws -> ImageDataset

  /// - Parameter load: reads what is asked for from the place, which is empty when the format needs none.
  public init(
    _ name: String, _ summary: String, place: String? = nil,
    load: @escaping @Sendable (_ place: String, _ request: DatasetRequest) throws -> ImageDataset
  ) {
    declaration = Declaration(name, summary)
    (self.place, self.load) = (place, load)
  }

  /// How it is written: `glyphs`, `mnist:FOLDER`.
  public var form: String { declaration.name + (place.map { ":" + $0 } ?? "") }
}

/// The formats that can be asked for by name.
public enum DatasetFormats {
  public static let standard = Catalogue("data set", [DatasetFormat.glyphs, .mnist, .idx, .npy]) { $0.declaration }
}
