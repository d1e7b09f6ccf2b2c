/// The occurrences of keys that are in a section already, each with the document as it would be with this one in force.
struct RepeatedKeys {
  struct Occurrence {
    /// The document with this occurrence in the place of the first. Of a section, what the occurrence leaves out is as in the
    /// first one, so that it lacks nothing.
    var document: YAMLNode
    /// From the key to the end of its value.
    var first: Mark
    var value: Mark
    var end: Mark

    /// Whether a mistake is one of the occurrence itself.
    func contains(_ mistake: Mistake) -> Bool {
      let mark = Mark(line: mistake.line, column: mistake.column)
      // An empty value ends where it begins.
      return first <= mark && (mark < end || mark == value)
    }
  }

  let occurrences: [Occurrence]

  /// - Parameter limit: how many occurrences are given at most.
  init(_ root: YAMLNode, limit: Int) { occurrences = Self.occurrences(in: root, limit) }

  private static func occurrences(in node: YAMLNode, _ limit: Int) -> [Occurrence] {
    switch node.content {
    case .scalar: return []
    case .sequence(let entries):
      var found: [Occurrence] = []
      for (index, entry) in entries.enumerated() where found.count < limit {
        found += occurrences(in: entry, limit - found.count).map { inner in
          var changed = entries
          changed[index] = inner.document
          return inner.inside(node, content: .sequence(changed))
        }
      }
      return found
    case .mapping(let mapping): return occurrences(of: mapping, in: node, limit)
    }
  }

  private static func occurrences(of mapping: YAMLMapping, in node: YAMLNode, _ limit: Int) -> [Occurrence] {
    var found: [Occurrence] = []
    func with(_ value: YAMLNode, at index: Int) -> YAMLNode.Content {
      var changed = mapping
      changed.pairs[index].value = value
      return .mapping(changed)
    }
    for (index, pair) in mapping.pairs.enumerated() where found.count < limit {
      found += occurrences(in: pair.value, limit - found.count).map { inner in
        inner.inside(node, content: with(inner.document, at: index))
      }
    }
    for pair in mapping.repeated where found.count < limit {
      guard let index = mapping.pairs.firstIndex(where: { $0.key.text == pair.key.text }) else { continue }
      let first = mapping.pairs[index].value
      let whole = Occurrence(document: pair.value, first: pair.key.mark, value: pair.value.mark, end: pair.value.end)
      found += ([whole] + occurrences(in: pair.value, limit - found.count)).map { inner in
        inner.inside(node, content: with(inner.document.completed(by: first), at: index))
      }
    }
    return found
  }
}

extension RepeatedKeys.Occurrence {
  fileprivate func inside(_ node: YAMLNode, content: YAMLNode.Content) -> Self {
    var outer = node
    outer.content = content
    return Self(document: outer, first: first, value: value, end: end)
  }
}

extension YAMLNode {
  /// A section with what it lacks from another one, at whose place it then is; and so for the sections in it.
  fileprivate func completed(by first: YAMLNode) -> YAMLNode { merged(with: first) { _, first in first.mark } }

  /// The same with what the first occurrence of each section lacks from the further ones, so that nothing is missing that is
  /// there.
  var united: YAMLNode {
    var node = self
    switch content {
    case .scalar: break
    case .sequence(let entries): node.content = .sequence(entries.map(\.united))
    case .mapping(var mapping):
      for pair in mapping.repeated {
        guard let index = mapping.pairs.firstIndex(where: { $0.key.text == pair.key.text }) else { continue }
        mapping.pairs[index].value = mapping.pairs[index].value.merged(with: pair.value) { own, _ in own.mark }
      }
      for index in mapping.pairs.indices { mapping.pairs[index].value = mapping.pairs[index].value.united }
      node.content = .mapping(mapping)
    }
    return node
  }

  /// This section with the keys that only the other one has; `place` chooses between the places of both.
  private func merged(with other: YAMLNode, place: (YAMLNode, YAMLNode) -> Mark) -> YAMLNode {
    guard case .mapping(var mapping) = content, case .mapping(let others) = other.content else { return self }
    for pair in others.pairs {
      guard let name = pair.key.text else { continue }
      if let index = mapping.pairs.firstIndex(where: { $0.key.text == name }) {
        mapping.pairs[index].value = mapping.pairs[index].value.merged(with: pair.value, place: place)
      } else {
        mapping.pairs.append(pair)
      }
    }
    var node = self
    node.content = .mapping(mapping)
    node.mark = place(self, other)
    return node
  }
}
