/// A value of a YAML document with its place.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    case scalar(String)
    case sequence([YAMLNode])
    case mapping(YAMLMapping)
  }

  var content: Content
  var mark: Mark
  /// Where the value ends; the next one begins there or later.
  var end: Mark
  /// How many values there are in it, with itself, when all aliases are written out.
  var size = 1

  var text: String? { if case .scalar(let text) = content { text } else { nil } }
  var sequence: [YAMLNode]? { if case .sequence(let entries) = content { entries } else { nil } }
  var mapping: YAMLMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }
}

/// Keys with values, in the order of the file and each key once.
struct YAMLMapping: Sendable {
  struct Pair: Sendable {
    var key: YAMLNode
    var value: YAMLNode
  }

  var pairs: [Pair] = []
  /// Further occurrences of keys that are in ``pairs`` already.
  var repeated: [Pair] = []

  subscript(key: String) -> YAMLNode? { pairs.first { $0.key.text == key }?.value }
}
