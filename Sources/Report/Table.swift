/// A table with a caption; the first column names the rows.
public struct Table: Block {
  public struct Column: Sendable {
    public var title: String
    /// Whether the column holds numbers, which stand flush right.
    public var isNumeric: Bool

    public init(_ title: String, isNumeric: Bool = false) {
      self.title = title
      self.isNumeric = isNumeric
    }

    /// A column of numbers.
    public static func number(_ title: String) -> Column { Column(title, isNumeric: true) }
  }

  public var title: String
  /// What the reader should know besides the title.
  public var note: String
  public var columns: [Column]
  public var rows: [[String]]

  public init(_ title: String, note: String = "", columns: [Column], rows: [[String]]) {
    self.title = title
    self.note = note
    self.columns = columns
    self.rows = rows
  }

  public func html(id: String) -> String {
    let head = columns.map { "<th scope=\"col\"\(mark($0))>\(escaped($0.title))</th>" }.joined()
    let body = rows.map(row).joined()
    return """
      <div class="scroll"><table>
      <caption><strong>\(escaped(title))</strong>\(note.isEmpty ? "" : " " + escaped(note))</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)</tbody>
      </table></div>

      """
  }

  private func row(_ cells: [String]) -> String {
    let html = zip(columns, cells).enumerated().map { index, pair in
      index == 0
        ? "<th scope=\"row\"\(mark(pair.0))>\(escaped(pair.1))</th>" : "<td\(mark(pair.0))>\(escaped(pair.1))</td>"
    }
    return "<tr>\(html.joined())</tr>\n"
  }

  private func mark(_ column: Column) -> String { column.isNumeric ? " class=\"number\"" : "" }
}
