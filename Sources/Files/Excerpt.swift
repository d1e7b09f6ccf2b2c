/// A text as it may be quoted in messages and lists, however long somebody made it.
public enum Excerpt {
  /// The text, of which the middle is left out when it has more than `limit` bytes.
  public static func of(_ text: String, limit: Int = 1024) -> String {
    let bytes = text.utf8
    guard bytes.count > limit else { return text }
    let end = boundary(bytes.index(bytes.startIndex, offsetBy: limit / 2), in: text)
    let start = boundary(bytes.index(bytes.endIndex, offsetBy: -(limit / 2)), in: text)
    return "\(text[..<end])…(\(bytes[end..<start].count) bytes)…\(text[start...])"
  }

  /// The beginning of the character that a byte belongs to.
  private static func boundary(_ index: String.Index, in text: String) -> String.Index {
    var index = index
    while index > text.startIndex, index.samePosition(in: text.unicodeScalars) == nil {
      index = text.utf8.index(before: index)
    }
    return index
  }
}
