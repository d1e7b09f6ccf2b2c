import Catalogues

extension ResponseTableFormat {
  /// A gamma curve of Holoeye: rows of a level and its code with a semicolon between them.
  public static let holoeye = ResponseTableFormat(
    declaration: Declaration("holoeye", "a gamma curve as CSV: rows of a level and its code"), separators: [";"],
    written: ";")
}
