extension JobSummary {
  /// The job as lists and streams show it: with long texts, arrays and objects of its parameters cut short. The route of the
  /// job itself shows them whole.
  public var listed: JobSummary {
    var summary = self
    summary.parameters = parameters.abridged()
    return summary
  }
}

extension JSONValue {
  /// Texts keep this many bytes in lists, arrays and objects this many elements.
  private static let textLimit = 256
  private static let elementLimit = 16

  /// The document cut to a size that lists can repeat: at most some kilobytes.
  public func abridged(depth: Int = 2) -> JSONValue {
    switch self {
    case .string(let text) where text.utf8.count > Self.textLimit:
      .string(String(decoding: text.utf8.prefix(Self.textLimit), as: UTF8.self).filter { $0 != "\u{FFFD}" } + "…")
    case .array(let elements):
      depth == 0
        ? .string("…")
        : .array(
          elements.prefix(Self.elementLimit).map { $0.abridged(depth: depth - 1) }
            + (elements.count > Self.elementLimit ? [.string("…")] : []))
    case .object(let members):
      depth == 0
        ? .string("…")
        : .object(
          Dictionary(
            members.sorted { $0.key < $1.key }.prefix(Self.elementLimit).map {
              (String($0.key.prefix(Self.textLimit)), $0.value.abridged(depth: depth - 1))
            }, uniquingKeysWith: { first, _ in first }))
    case .null, .bool, .integer, .number, .string: self
    }
  }
}
