import Catalogues

extension ResponseTableFormat {
  /// A `.lut` file of Meadowlark: rows of a level and the code that its pixels are driven with, a space or tab between them.
  public static let meadowlark = ResponseTableFormat(
    declaration: Declaration("meadowlark", "a .lut file: rows of a level and its code"), separators: [" ", "\t"],
    written: " ")

  /// Tables of codes, which say what the panel shows once the number of codes is given.
  init(declaration: Declaration, separators: Set<Character>, written: String) {
    self.init(
      declaration: declaration,
      recognises: { lines in
        guard let line = lines.first(where: { !TableLines.isBlank($0) }) else { return false }
        let fields = TableLines.fields(line, separators)
        return fields.count == 2 && fields.allSatisfy { Int($0.filter { !$0.isWhitespace }) != nil }
      },
      read: { lines, context in
        guard let codes = context.codes else { throw ResponseTableError.noCodes }
        return try DriveTable(rows: lines, separators: separators).response(codes: codes, levels: context.levels)
      },
      write: { table, context in
        guard let codes = context.codes else { throw ResponseTableError.noCodes }
        return try DriveTable(making: table, linearWith: codes, loaded: context.loaded).text(separator: written)
      })
  }
}
