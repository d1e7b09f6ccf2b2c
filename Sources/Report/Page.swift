/// A self-contained HTML document: no scripts, nothing fetched, readable on a light or dark screen and on paper.
public struct Page: Sendable {
  public struct Section: Sendable {
    public var title: String
    public var blocks: [any Block]

    public init(_ title: String, _ blocks: [any Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  public var title: String
  /// One line under the title.
  public var subtitle: String
  public var sections: [Section]

  public init(title: String, subtitle: String, sections: [Section]) {
    self.title = title
    self.subtitle = subtitle
    self.sections = sections
  }

  /// The document as text in UTF-8.
  public func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <style>
    \(Style.sheet)
    </style>
    </head>
    <body>
    <header>
    <h1>\(escaped(title))</h1>
    <p class="subtitle">\(escaped(subtitle))</p>
    </header>
    <main>
    \(sections.enumerated().map { body(of: $1, number: $0 + 1) }.joined())</main>
    </body>
    </html>

    """
  }

  private func body(of section: Section, number: Int) -> String {
    let id = "section-\(number)"
    let blocks = section.blocks.enumerated().map { $1.html(id: "\(id)-\($0)") }.joined()
    return "<section aria-labelledby=\"\(id)\">\n<h2 id=\"\(id)\">\(escaped(section.title))</h2>\n\(blocks)</section>\n"
  }
}
