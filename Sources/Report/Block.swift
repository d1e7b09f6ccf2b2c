/// A part of a page: a paragraph, a table, a plot, a picture.
public protocol Block: Sendable {
  /// The block as HTML. `id` is unique on the page, for references from inside the block.
  func html(id: String) -> String
}

/// A paragraph of plain text.
public struct Paragraph: Block {
  public var text: String

  public init(_ text: String) { self.text = text }

  public func html(id: String) -> String { "<p>\(escaped(text))</p>\n" }
}

/// A list of remarks in plain text.
public struct Remarks: Block {
  public var items: [String]

  public init(_ items: [String]) { self.items = items }

  public func html(id: String) -> String {
    "<ul>\n" + items.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>\n"
  }
}

/// Blocks beside each other where the page is wide enough.
public struct Row: Block {
  public var blocks: [any Block]

  public init(_ blocks: [any Block]) { self.blocks = blocks }

  public func html(id: String) -> String {
    "<div class=\"row\">\n" + blocks.enumerated().map { $1.html(id: "\(id)-\($0)") }.joined() + "</div>\n"
  }
}

/// Text as it may stand in HTML or SVG, in element content and in attributes alike.
public func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n": result.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
