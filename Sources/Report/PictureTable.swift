import Arrays
import Files
import Foundation
import ReadableNumbers

/// Pictures in columns of one meaning and one scale of colours each.
public struct PictureTable: Block, Codable, Equatable {
  public struct Column: Sendable, Codable, Equatable {
    public var title: String
    /// Written after the ends of the scale; empty for plain numbers.
    public var unit: String
    public var palette: Palette
    /// The values that have the first and the last colour.
    public var low: Double
    public var high: Double

    public init(_ title: String, unit: String = "", palette: Palette = .grey, low: Double, high: Double) {
      (self.title, self.unit, self.palette, self.low, self.high) = (title, unit, palette, low, high)
    }

    var scale: String { "\(compact(low, digits: 3)) … \(compact(high, digits: 3))\(unit.isEmpty ? "" : " \(unit)")" }
  }

  public struct Row: Sendable, Codable, Equatable {
    public var title: String
    /// One for each column, `[1, height, width]`; sizes may differ.
    public var pictures: [Stack<Float>]

    public init(_ title: String, _ pictures: [Stack<Float>]) { (self.title, self.pictures) = (title, pictures) }
  }

  public var title: String
  /// What the pictures are, for the caption and for those who cannot see them.
  public var summary: String
  public var columns: [Column]
  public var rows: [Row]

  public init(_ title: String, summary: String, columns: [Column], rows: [Row]) {
    self.title = title
    self.summary = summary
    self.columns = columns
    self.rows = rows
  }

  public func html(id: String) -> String {
    let head = columns.map { "<th scope=\"col\">\(escaped($0.title))<small>\(escaped($0.scale))</small></th>" }.joined()
    return """
      <div class="scroll"><table class="pictures">
      <caption><strong>\(escaped(title))</strong> \(escaped(summary))</caption>
      <thead><tr><th scope="col"></th>\(head)</tr></thead>
      <tbody>
      \(rows.map(html).joined())</tbody>
      </table></div>

      """
  }

  private func html(_ row: Row) -> String {
    let cells = zip(columns, row.pictures).map { "<td>\(image($1, $0, alternative: "\(row.title): \($0.title)"))</td>" }
    return "<tr><th scope=\"row\">\(escaped(row.title))</th>\(cells.joined())</tr>\n"
  }

  private func image(_ picture: Stack<Float>, _ column: Column, alternative: String) -> String {
    let range = column.high - column.low
    let pixels = picture.values.flatMap {
      column.palette.color(range > 0 ? (Double($0) - column.low) / range : 0.5)
    }
    // An image of a size that libpng takes is encoded.
    guard let png = try? PNG.encode(rgb8: pixels, width: picture.width, height: picture.height) else { return "" }
    return "<img alt=\"\(escaped(alternative))\" src=\"data:image/png;base64,\(Data(png).base64EncodedString())\">"
  }
}
